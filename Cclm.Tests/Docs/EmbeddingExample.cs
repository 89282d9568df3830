using System.IO.Compression;
using Cclm.Tests.App;
using Cclm.Tests.Data;
using Cclm.Tests.Inference;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace Cclm.Tests.Docs;

/// <summary>docs/embedding.md: its commands, run in order, and the samples that it shows.</summary>
public sealed class EmbeddingExample
{
    [Test]
    public async Task TheCommandsOfTheDocumentEmbed()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        folder.Write("model.onnx", new TinyModel { Edit = metadata => metadata["cclm.parts"] = metadata["cclm.parts"].Replace("right", "topic", StringComparison.Ordinal) }.Bytes());
        folder.Write("texts.txt", "a\nbad\ncafe\n");
        folder.Write("table.csv", "title,body\na,bad cafe\nbad,cafe\n");
        using (var writer = new StreamWriter(new GZipStream(File.Create(folder["data/a.jsonl.gz"]), CompressionLevel.Fastest)))
        {
            writer.Write("""{"url":"u1","body":"a"}""");
        }
        foreach (var command in Documents.Commands("embedding.md"))
        {
            var (exit, output, errors) = await Cli.RunAsync(Documents.Arguments(command));
            Assert.That((exit, output.Length > 0), Is.EqualTo((0, true)), $"{command}{Environment.NewLine}{errors}");
        }
        OtherProgram.SystemPython($"{Documents.Blocks("embedding.md", "python").Single()}assert vectors.shape == (3, 5)\nassert (vectors == numpy.load('vectors.npy')).all()\n");
    }

    [TestCase("bash", "slurm-array.sh")]
    [TestCase("yaml", "kubernetes-job.yaml")]
    public void TheSamplesAreShownWordForWord(string language, string file) =>
        Assert.That(Documents.Blocks("embedding.md", language).Single(), Is.EqualTo(Documents.Read(file)));

    [Test]
    public void TheJobIsYamlWithAsManyShardsAsPods()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Documents.Read("kubernetes-job.yaml")));
        var spec = yaml.Documents.Single().RootNode["spec"];
        var container = spec["template"]["spec"]["containers"][0];
        Assert.That(container["env"][0]["name"].ToString(), Is.EqualTo(Cclm.Training.App.Shard.CountVariable));
        Assert.That(container["env"][0]["value"].ToString(), Is.EqualTo(spec["completions"].ToString()));
        Assert.That(spec["completionMode"].ToString(), Is.EqualTo("Indexed"));
    }
}
