using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Data set folders as the Hugging Face hub describes them (Data files configuration).</summary>
public sealed class HubFolderTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("train.csv test.csv", "train", "train.csv")]
    [TestCase("train.csv test.csv", "test", "test.csv")]
    [TestCase("my_train_file_1.csv my-train-file-2.csv held.out.valid.csv", "train", "my-train-file-2.csv my_train_file_1.csv")]
    [TestCase("my_train_file_1.csv dev_0.csv", "validation", "dev_0.csv")]
    [TestCase("data/train-00000-of-00002.csv data/train-00001-of-00002.csv data/odd-00000-of-00001-0123abcd.csv", "train", "data/train-00000-of-00002.csv data/train-00001-of-00002.csv")]
    [TestCase("data/train-00000-of-00002.csv data/odd-00000-of-00001-0123abcd.csv", "odd", "data/odd-00000-of-00001-0123abcd.csv")]
    [TestCase("train/1.csv train/sub/2.csv testing/3.csv", "train", "train/1.csv train/sub/2.csv")]
    [TestCase("train/1.csv eval-set/test.csv", "test", "eval-set/test.csv")]
    [TestCase("trainer.csv latest.csv", "train", "latest.csv trainer.csv")]                     // words that only contain the keywords
    [TestCase("a.csv dataset_infos.json __pycache__/b.csv .c.csv", "train", "a.csv")]
    public void NamesTellTheSplits(string files, string split, string expected)
    {
        Assert.That(Read(files, "---\nlicense: mit\n---\n# A data set\n", new() { Paths = [folder.Path], Split = split }), Is.EqualTo(expected.Split(' ')));
    }

    const string Configs = """
        ---
        language:
        - en
        configs:
        - config_name: main
          data_files:
          - split: train
            path: [a/x.csv, "b/*.csv"]
          - split: test
            path: t.csv
        - config_name: flat
          default: true
          data_files: "**/*.csv"
        - config_name: map
          data_files:
            train: a/x.csv
            extra: t.csv
        - config_name: below
          data_dir: b
        ---
        # A data set
        """;

    [TestCase("main", "train", "a/x.csv b/1.csv b/test.csv")]
    [TestCase("main", "test", "t.csv")]
    [TestCase(null, null, "a/x.csv b/1.csv b/test.csv t.csv")]
    [TestCase("map", "extra", "t.csv")]
    [TestCase("below", null, "b/test.csv")]
    public void TheReadmeNamesConfigurationsAndSplits(string? config, string? split, string expected) => Assert.That(
        Read("a/x.csv b/1.csv b/test.csv t.csv", Configs, new() { Paths = [folder.Path], Config = config, Split = split }), Is.EqualTo(expected.Split(' ')));

    [TestCase("none", null, "has no configuration 'none'; it has 'main', 'flat', 'map', 'below'. Choose one (--config)")]
    [TestCase("main", "dev", "has no split 'dev'; it has 'train', 'test'. Choose one (--split)")]
    public void WhatIsNotThereIsAnErrorThatListsWhatIs(string config, string? split, string message) => Assert.That(
        () => Read("a/x.csv b/1.csv t.csv", Configs, new() { Paths = [folder.Path], Config = config, Split = split }), Throws.ArgumentException.With.Message.Contains(message));

    [TestCase("configs:\n- config_name: a\n  data_files: ../../etc/*.csv", "'../../etc/*.csv' leads out of the folder")]
    [TestCase("configs:\n- config_name: a\n  data_files: /etc/passwd", "leads out of the folder")]
    [TestCase("configs:\n- config_name: a\n  data_files: https://example.org/a.csv", "leads out of the folder")]
    [TestCase("configs:\n- config_name: a\n  data_dir: ..", "leads out of the folder")]
    [TestCase("configs: [", "is not as the hub describes it: line ")]
    [TestCase("configs: &a [*a]", "line 2 refers to an anchor, '*a'")]
    [TestCase("a: &a [x, x]\nb: &b [*a, *a]\nconfigs: [*b]", "line 3 refers to an anchor, '*a'")]
    [TestCase("configs: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "is nested more than 50 deep")]
    [TestCase("configs:\n- just text", "an entry of configs is no mapping")]
    [TestCase("configs:\n- data_files:\n  - split: train", "has a split without a path")]
    public void AReadmeThatIsOtherwiseIsRefused(string yaml, string message) => Assert.That(
        () => Read("a.csv", $"---\n{yaml}\n---\n", new() { Paths = [folder.Path] }), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));

    [Test]
    public void AFileThatWasNotDownloadedIsMissed() => Assert.That(
        () => Read("a.csv", "---\nconfigs:\n- data_files: b-*.csv\n---\n", new() { Paths = [folder.Path] }),
        Throws.TypeOf<FileNotFoundException>().With.Message.Contains("names 'b-*.csv', which matches no file there"));

    [Test]
    public void ASplitIsOneOfAFolder() => Assert.That(
        () => Corpus.Open(new() { Paths = [folder.Write("a.csv", "text\nx")], Split = "train" }), Throws.ArgumentException.With.Message.Contains("of a data set folder only"));

    /// <summary>Makes files that hold their own names, and reads what is chosen of them.</summary>
    List<string> Read(string files, string readme, CorpusOptions options)
    {
        folder.Write("README.md", readme);
        foreach (var file in files.Split(' '))
        {
            folder.Write(file, $"text\n{file}\n");
        }
        return [.. Corpus.Open(options).Read().Select(row => row.Row)];
    }
}
