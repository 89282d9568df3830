using Cclm.Inference;
using Cclm.Tests.Inference;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/inference.md, run.</summary>
public sealed class InferenceExample
{
    [Test]
    public async Task ItsCodeWorks()
    {
        using var folder = new TempFolder();
        folder.Write("model.onnx", new TinyModel().Bytes());
        using var there = new CurrentFolder(folder.Path);
        #region now
        using var model = CclmModel.Load("model.onnx");
        float[] alone = model.Embed("a text");                              // computed now, on this thread
        float[] together = await model.EmbedAsync("a text");                // in a batch with the texts of other callers
        float[][] many = await model.EmbedAsync(["a text", "and another"]);
        await foreach (var vector in model.EmbedAsync(Lines()))             // a stream, in its order, read no further ahead than needed
        {
            Console.WriteLine(vector.Length);
        }
        #endregion
        Assert.That(together, Is.EqualTo(alone));
        string[] texts = ["abc", "what is asked", "hgf"];
        #region nearest
        float[][] vectors = model.Embed(texts);
        IReadOnlyList<Neighbour> found = new NearestVectors(vectors).Search(model.Embed("what is asked"), count: 3);
        Console.WriteLine($"{found[0].Score:F2} {texts[found[0].Index]}");
        #endregion
        #region whitened
        var standardization = new VectorStandardization(vectors, new WhiteningOptions { Dimensions = 128 });
        float[][] shorter = [.. vectors.Select(vector => standardization.Apply(vector))];
        Console.WriteLine($"{shorter[0].Length} numbers in place of {vectors[0].Length}");
        #endregion
        Assert.That(shorter.Select(vector => vector.Length), Is.All.EqualTo(vectors[0].Length), "There are no 128.");
        Assert.That(found, Has.Count.EqualTo(3));
        Assert.That(many[0], Is.EqualTo(alone).Within(1e-5f));

        static async IAsyncEnumerable<string> Lines()
        {
            await Task.Yield();
            yield return "a line";
        }
    }

    [Test]
    public async Task ItsNamesAreFound()
    {
        using var folder = new TempFolder();
        var tiny = new TinyModel { Characters = "AdaLovlceBbgwrtnfis', .", TagOf = letter => "AdaLvlceBbg".Contains(letter, StringComparison.Ordinal) ? "B-X" : "O" };
        folder.Write("tagger.onnx", tiny.Bytes());
        using var there = new CurrentFolder(folder.Path);
        #region tag
        using var tagger = CclmModel.Load("tagger.onnx");
        string letter = "Ada wrote to Lovelace,\r\nand to Babbage's friends.";
        foreach (TaggedSpan name in await tagger.TagAsync(letter))
        {
            Console.WriteLine($"{name.Label} at {name.Start}: {letter.Substring(name.Start, name.Length)} ({name.Score:P0})");
        }
        TaggedWords tagged = tagger.TagWords(["Ada", "wrote", "to", "Babbage", "'s", "friends"]);       // split already: a tag for each word
        #endregion
        Assert.That(tagged.Tags, Is.EqualTo(new[] { "B-X", "O", "O", "B-X", "O", "O" }));
        Assert.That(tagger.Tag(letter).Select(name => letter.Substring(name.Start, name.Length)), Is.SupersetOf(new[] { "Ada", "Lovelace", "Babbage" }));
    }

    [Test]
    public async Task ItsConfigurationWorks()
    {
        using var folder = new TempFolder();
        folder.Write("model.onnx", new TinyModel().Bytes());
        File.WriteAllText(folder["settings.json"], Documents.Blocks("inference.md", "json").Single());
        using var there = new CurrentFolder(folder.Path);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddJsonFile(folder["settings.json"]);
        Register(builder.Services, builder.Configuration);
        using var host = builder.Build();
        await host.StartAsync();
        Assert.That((await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["cclm"].Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(host.Services.GetRequiredService<CclmModel>().LongText, Is.EqualTo(LongText.Chunk));
        Assert.That((await host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a"])).Single().Vector.Length, Is.EqualTo(TinyModel.Width));
        await host.StopAsync();
    }

    /// <summary>Each option, with its default.</summary>
    [Test]
    public void ItsTableIsWhole()
    {
        var defaults = new CclmEmbeddingGeneratorOptions();
        foreach (var option in typeof(CclmEmbeddingGeneratorOptions).GetProperties())
        {
            var written = option.GetValue(defaults) switch { "" => "", TimeSpan { Ticks: 0 } => "none", bool and var value => value ? "true" : "false", Enum value => $"`{value}`", var value => $"{value}" };
            Assert.That(Documents.Read("inference.md"), Does.Contain($"| `{option.Name}` | {written}{(written == "" ? "" : " ")}|"));
        }
    }

    static void Register(IServiceCollection services, ConfigurationManager configuration)
    {
        #region register
        services.AddCclmEmbeddingGenerator(configuration.GetSection("Embeddings")).UseOpenTelemetry();
        services.AddHealthChecks().AddCclmModel(tags: ["ready"]);
        #endregion
    }
}
