using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>What the commands say of bad input.</summary>
public sealed partial class CommandTests
{
    static IEnumerable<TestCaseData> BadCommands()
    {
        static TestCaseData Case(string name, string expected, params Func<string[]>[] command) => new TestCaseData(expected, command[0]).SetArgDisplayNames(name);
        string Text(string content) => Folder.Write($"bad-{content.GetHashCode():x}.txt", content);
        string Bytes(byte[] content) => Folder.Write($"bad-{content.Length}-{content.FirstOrDefault()}.onnx", content);
        Func<string[]> Train(Func<string> corpus, params string[] more) => () => ["pretrain", "char-mask", "--corpus", corpus(), "--model", Folder["never"], "--embedder-options", SmallEmbedder, .. more];
        Func<string[]> Label(Func<string> corpus, params string[] more) => () => ["pretrain", "categorical", "--corpus", corpus(), "--model", Folder["never"], "--embedder-options", SmallEmbedder, .. more];

        yield return Case("corpus missing", "nowhere.txt", Train(() => Folder["nowhere.txt"]));
        yield return Case("corpus an empty folder", "nothing-in-it", Train(() => Directory.CreateDirectory(Folder["nothing-in-it"]).FullName));
        yield return Case("corpus empty", "no content", Train(() => Text("")));
        yield return Case("corpus of empty lines", "lines", Train(() => Text("\n\n   \n\n")));
        yield return Case("corpus of one line", "either side", Train(() => Text("one line\n")));
        yield return Case("corpus of invalid UTF-8", "iconv", Train(() => Folder.Write("latin1.txt", [.. "caf\n"u8.ToArray(), 0xe9, (byte)'\n'])));
        yield return Case("labels without a tab", "tab", Label(() => Folder["text.txt"]));
        yield return Case("one label only", "two or more", Label(() => Text(string.Concat(Enumerable.Range(0, 50).Select(i => $"same\ttext {i}\n")))));
        yield return Case("an option misspelt behind a corpus", "There is no option '--modle' here", () => ["pretrain", "char-mask", "--model", Folder["never"], "--corpus", Folder["text.txt"], "--modle"]);
        yield return Case("tower unknown", "transformer", Train(() => Folder["text.txt"], "--tower", "lstm"));
        yield return Case("tower options unknown", "The options of a tower 'transformer': hads is not known; there are 'layers', 'heads', ", Train(() => Folder["text.txt"], "--tower-options", """{"hads":4}"""));
        yield return Case("tower options misspelt", "Did you mean 'feedForward'?", Train(() => Folder["text.txt"], "--tower-options", """{"feedForwrd":4}"""));
        yield return Case("tower options of another type", "heads is \"four\"; expected a whole number.", Train(() => Folder["text.txt"], "--tower-options", """{"heads":"four"}"""));
        yield return Case("tower options out of a list", "norm is \"per\"; expected one of \"pre\", \"post\".", Train(() => Folder["text.txt"], "--tower-options", """{"norm":"per"}"""));
        yield return Case("tower options no object", "--tower-options is [1]. Expected an object", Train(() => Folder["text.txt"], "--tower-options", "[1]"));
        yield return Case("embedder options misspelt", "The embedder's options: block is not known; there are 'maxLength', ", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["never"], "--embedder-options", """{"block":1}"""]);
        yield return Case("embedder options of the preprocessor", "vocabulary is not known", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["never"], "--embedder-options", """{"vocabulary":1}"""]);
        yield return Case("tower options no JSON", "line 1, column 1: this is no JSON: 'h' is an invalid start of a value. Expected an object", Train(() => Folder["text.txt"], "--tower-options", "heads=4"));
        yield return Case("heads do not divide", "divide", Train(() => Folder["text.txt"], "--tower-options", """{"heads":3}"""));
        yield return Case("learning rate negative", "LearningRate", Train(() => Folder["text.txt"], "--learning-rate", "-1"));
        yield return Case("name no key", "lower-case", Train(() => Folder["text.txt"], "--name", "../up"));
        yield return Case("tower there already", "--continue", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"]]);
        yield return Case("a settled option changed", "--max-length", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"], "--name", "more", "--max-length", "99"]);
        yield return Case("settled embedder options changed", "--embedder-options", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"], "--name", "more", "--embedder-options", """{"blocks":2}"""]);
        yield return Case("continue with other tower options", "--tower-options", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"], "--continue", "--tower-options", """{"layers":1}"""]);
        yield return Case("continue with other labels", "labels", () => ["pretrain", "categorical", "--corpus", Text(string.Concat(Enumerable.Range(0, 50).Select(i => $"l{i % 3}\ttext {i}\n"))), "--model", Folder["m"], "--name", "topic", "--continue"]);
        yield return Case("train on a missing GPU", "CUDA", Train(() => Folder["text.txt"], "--device", "cuda"));
        yield return Case("continue and replace", "opposite", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"], "--continue", "--replace"]);
        yield return Case("task options unknown", "The options of the task 'char-mask': rat is not known; there are 'rate', 'run', 'askForAll', 'augmentation'. Did you mean 'rate'?", Train(() => Folder["text.txt"], "--task-options", """{"rat":0.1}"""));
        yield return Case("task options deeper", "augmentation.typos is true; expected a number.", Train(() => Folder["text.txt"], "--task-options", """{"augmentation":{"typos":true}}"""));
        yield return Case("task options null", "augmentation is null; expected an object", Train(() => Folder["text.txt"], "--task-options", """{"augmentation":null}"""));
        yield return Case("excerpts of vectors in a file", "made of the corpus' words", () => ["pretrain", "distil", "--corpus", Folder["text.txt"], "--model", Folder["never"], "--task-options", """{"teacher":"vectors.npy","excerpts":{"words":6}}"""]);
        yield return Case("a share of excerpts above 1", "a share from 0 to 1", () => ["pretrain", "distil", "--corpus", Folder["text.txt"], "--model", Folder["never"], "--task-options", """{"words":{},"excerpts":{"drawn":2}}"""]);
        yield return Case("patience without evaluations", "EvaluateEvery", Train(() => Folder["text.txt"], "--patience", "2", "--evaluate-every", "0"));
        yield return Case("no room for a character", "room", Train(() => Folder["text.txt"], "--max-length", "1"));
        yield return Case("a length that no model has", "MaxLength is 2,000,000,000; expected at most 67,108,864.", Train(() => Folder["text.txt"], "--max-length", "2000000000"));
        yield return Case("sizes beyond the machine", "libtorch", () => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["never"], "--embedder-options", """{"blocks":1,"filters":2000000000,"globalFilters":4}"""]);
        yield return Case("export of no model", "preprocessor.json", () => ["export", Folder["nowhere"]]);
        yield return Case("compose of no parts", "towers", () => ["compose", Folder["nowhere"], "--output", Folder["x.onnx"]]);
        yield return Case("compose an unknown tower", "nobody", () => ["compose", Folder["parts"], "--towers", "nobody", "--output", Folder["x.onnx"]]);
        yield return Case("embed no file", "nowhere.onnx", () => ["embed", Folder["nowhere.onnx"], "x"]);
        yield return Case("embed an empty file", "bad-0-0.onnx", () => ["embed", Bytes([]), "x"]);
        yield return Case("embed a foreign file", "bad-4-1.onnx", () => ["embed", Bytes([1, 2, 3, 4]), "x"]);
        yield return Case("embed a truncated file", ".onnx", () => ["embed", Bytes(File.ReadAllBytes(Folder["model.onnx"])[..5000]), "x"]);
        yield return Case("embed a part", "compose", () => ["embed", Folder["parts/embedder.onnx"], "x"]);
        yield return Case("embed without pooling", "pool", () => ["embed", Folder["positions.onnx"], "x"]);
        yield return Case("embed an unknown tower", "char_mask", () => ["embed", Folder["model.onnx"], "x", "--tower", "nobody"]);
        yield return Case("embed on a missing GPU", "CUDA", () => ["embed", Folder["model.onnx"], "x", "--provider", "cuda"]);
        yield return Case("embed an overlap of no pieces", "--long-text chunk", () => ["embed", Folder["model.onnx"], "x", "--chunk-overlap", "3"]);
        yield return Case("embed a text that is too long", "Text 1 has 41 characters; the model reads 39", () => ["embed", Folder["model.onnx"], "x", new string('x', 41), "--long-text", "error"]);
        yield return Case("embed files to nowhere", "--output", () => ["embed", Folder["model.onnx"], "--input", Folder["text.txt"]]);
        yield return Case("embed files to no format", ".parquet", () => ["embed", Folder["model.onnx"], "--input", Folder["text.txt"], "--output", "/dev/full"]);
        yield return Case("embed files and a text", "--input", () => ["embed", Folder["model.onnx"], "x", "--input", Folder["text.txt"], "--output", Folder["x.npy"]]);
        yield return Case("embed a shard that is none", "from 1 to 8", () => ["embed", Folder["model.onnx"], "--input", Folder["text.txt"], "--output", Folder["x.npy"], "--shard", "9/8"]);
        yield return Case("embed files without text", "text", () => ["embed", Folder["model.onnx"], "--input", Folder.Write("no-text.jsonl", "{\"body\":\"x\"}\n"), "--output", Folder["x.npy"]]);
        yield return Case("inspect a truncated file", ".onnx", () => ["inspect", Bytes(File.ReadAllBytes(Folder["model.onnx"])[..6000])]);
        yield return Case("inspect at no size", "numbers with an x between them, such as 32x256", () => ["inspect", Folder["model.onnx"], "--at", "32,256"]);
        yield return Case("inspect at too many sizes", "the model's dimensions B, T", () => ["inspect", Folder["model.onnx"], "--at", "3x7x5"]);
        yield return Case("inspect a folder", "folder", () => ["inspect", Folder.Path]);
        yield return Case("write to a full disk", "full", () => ["compose", Folder["parts"], "--output", "/dev/full"]);
        yield return Case("weights that are no numbers", "NaN", () => ["compose", Poisoned(), "--output", Folder["x.onnx"]]);
        yield return Case("demo on a corpus of one line", "labels", () => ["demo", "--corpus", Text("a\tone line\n"), "--output", Folder["never"]]);
    }

    [TestCaseSource(nameof(BadCommands))]
    public async Task BadInputIsAClearErrorAndWritesNothing(string expected, Func<string[]> command)
    {
        var arguments = command();
        var before = Files();
        var (exit, output, errors) = await Cli.RunAsync(arguments);
        Assert.Multiple(() =>
        {
            Assert.That(exit, Is.EqualTo(1), errors);
            Assert.That(errors, Does.StartWith("error: ").Or.Contain("\nerror: "));
            Assert.That(errors, Does.Contain(expected));
            Assert.That(errors, Does.Not.Contain("   at "), "A stack trace.");
            Assert.That(output, Is.Empty);
            Assert.That(Files(), Is.EqualTo(before), "Something was written.");
        });
        // A lock file stays when its holder is gone: of one that is deleted, two processes could each hold their own.
        static string[] Files() => [.. Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != ".lock").Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}")];
    }

    [TestCase("embed", "See 'cclm embed --help'.")]
    [TestCase("pretrain char-mask --steps many", "many", "--corpus", "See 'cclm pretrain char-mask --help'.")]
    [TestCase("pretrain char-mask --corpus text.txt --model m --stps", "'--stps'", "--steps", "See 'cclm pretrain char-mask --help'.")]
    [TestCase("pretrain char-mask --corpus text.txt --model m --learning-rate 0,001", "expected a number such as 0.001", "See 'cclm pretrain char-mask --help'.")]
    [TestCase("pretrain char-mask --corpus text.txt --model m --threads 0", "--threads is 0; expected 1 to 1024", "See 'cclm pretrain char-mask --help'.")]
    [TestCase("build recipe.json --threads 1000000", "--threads is 1000000; expected 1 to 1024", "See 'cclm build --help'.")]
    [TestCase("fly", "'fly'", "See 'cclm --help'.")]
    public async Task AWrongCommandLineIsToldInAFewLines(string line, params string[] expected)
    {
        var (exit, output, errors) = await Cli.RunAsync(line.Split(' '));
        Assert.That((exit, output), Is.EqualTo((2, "")), errors);
        Array.ForEach(expected, words => Assert.That(errors, Does.Contain(words)));
        Assert.That(errors.Split('\n'), Has.Length.LessThan(10));
    }

    [Test]
    public async Task OptionsThatAreNoneLeaveNoFolder([Values("--tower-options", "--task-options", "--steps")] string option)
    {
        var (exit, _, _) = await Cli.RunAsync("pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["none-of-these"], option, """{"none":1}""");
        Assert.That((exit > 0, Directory.Exists(Folder["none-of-these"])), Is.EqualTo((true, false)));
    }

    /// <summary>A folder of parts in which one tower has a weight that is no number.</summary>
    static string Poisoned()
    {
        var tower = OnnxFile.Load(Folder["parts/towers/topic.onnx"]);
        tower.Graph.Initializer[0].RawData = ByteString.CopyFrom([.. Enumerable.Repeat((byte)0xff, tower.Graph.Initializer[0].RawData.Length)]);
        OnnxFile.Save(tower, Folder["poisoned/towers/topic.onnx"]);
        File.Copy(Folder["parts/embedder.onnx"], Folder["poisoned/embedder.onnx"], overwrite: true);
        return Folder["poisoned"];
    }
}
