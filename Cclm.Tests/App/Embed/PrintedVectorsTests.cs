using System.Text;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>Vectors on standard output.</summary>
public sealed class PrintedVectorsTests
{
    [Test]
    public async Task TextsThatAreCutAreCounted()
    {
        using var folder = new EmbeddingFolder();
        var (_, lines, messages) = await Cli.RunAsync(Encoding.UTF8.GetBytes($"short\n{new string('x', 100_000)}\n"), "embed", folder["model.onnx"]);
        Assert.That(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2));
        Assert.That(messages, Does.Contain("note: 1 texts are longer than the model reads, and are embedded by their beginnings."));
        (_, _, messages) = await Cli.RunAsync("short\n"u8.ToArray(), "embed", folder["model.onnx"]);
        Assert.That(messages, Does.Not.Contain("longer"));
    }
}
