using Cclm.Inference;
using Cclm.Tests.App;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

/// <summary>The base that the repository brings along in <c>shelf/</c>, fetched as README says.</summary>
public sealed class PublishedBaseTests
{
    const string Tag = "v1", Base = "en_small_1-1.1.0";

    static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "shelf");

    [Test]
    public async Task TheComposedModelFindsWhatIsMeant()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(await Fetch(Base, "composed", "--cache", folder["cache"]), "model.onnx");
        Assert.That(new FileInfo(file).Length, Is.LessThanOrEqualTo(8_000_000));
        using var model = CclmModel.Load(file);
        string[] texts = ["Opens a text file, reads all lines of the file, and then closes the file.", "Returns the absolute value of a number.", "Sends an email message.", "Sorts the elements of an array."];
        foreach (var (query, expected) in ((string, int)[])[("file read lines", 0), ("fiel raed linse", 0), ("math abs", 1), ("mail client send", 2), ("array sort", 3), ("aray sortt", 3)])
        {
            var asked = model.Embed(query);
            var cosines = model.Embed(texts).Select(vector => vector.Zip(asked, (x, y) => x * y).Sum()).ToList();
            Assert.That(cosines.IndexOf(cosines.Max()), Is.EqualTo(expected), $"'{query}': {string.Join(", ", cosines)}");
        }
    }

    [Test]
    public async Task ATowerOfOnesOwnIsTrainedOnIt()
    {
        using var folder = new TempFolder();
        foreach (var (item, kind) in ((string, string)[])[(Base, "embedder"), ("pairs-1.1.0", "tower"), ("char_mask-1.1.0", "tower")])
        {
            await Fetch(item, kind, "--cache", folder["cache"], "--into", folder["model"]);
        }
        File.WriteAllLines(folder["labels.tsv"], Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? $"fruit\tapples and pears, {i} of them" : $"tool\thammer and nails, number {i}"));
        foreach (var command in (string[][])
            [["pretrain", "categorical", "--corpus", folder["labels.tsv"], "--model", folder["model"], "--name", "kind", "--tower", "feed_forward", "--steps", "3", "--batch-size", "8"],
             ["export", folder["model"], "--output", folder["parts"]],
             ["compose", folder["parts"], "--output", folder["mine.onnx"], "--pooling", "mean"]])
        {
            var (exit, _, errors) = await Cli.RunAsync(command);
            Assert.That(exit, Is.Zero, errors);
        }
        using var model = CclmModel.Load(folder["mine.onnx"]);
        Assert.That(model.Towers.Select(tower => tower.Name), Is.EquivalentTo((string[])["pairs", "char_mask", "kind"]));
        Assert.That(model.Embed("one text"), Has.Length.EqualTo(3 * 128));
    }

    [Test]
    public async Task EveryItemIsWhole()
    {
        var (exit, output, errors) = await Cli.RunAsync("shelf", "verify", "--shelf", Folder, "--tag", Tag);
        Assert.That(exit, Is.Zero, output + errors);
    }

    static async Task<string> Fetch(string item, string kind, params string[] more)
    {
        var (exit, output, errors) = await Cli.RunAsync(["shelf", "fetch", item, "--kind", kind, "--shelf", Folder, "--tag", Tag, .. more]);
        Assert.That(exit, Is.Zero, errors);
        return output.Split('\n')[0].Trim();
    }
}
