using Cclm.Inference;
using Microsoft.Extensions.AI;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

public class EmbeddingGeneratorTests
{
    readonly TinyModel tiny = new();
    CclmModel model = null!;
    IEmbeddingGenerator<string, Embedding<float>> generator = null!;

    [OneTimeSetUp]
    public void Load()
    {
        model = tiny.Load();
        generator = model.AsEmbeddingGenerator();
    }

    [OneTimeTearDown]
    public void Free()
    {
        generator.Dispose();
        model.Dispose();
    }

    [Test]
    public async Task EmbeddingsComeInTheOrderOfTheTexts()
    {
        string[] texts = ["hgfedcba", "", "a", "bbb", "a"];

        var embeddings = await generator.GenerateAsync(texts);

        Assert.That(embeddings, Has.Count.EqualTo(texts.Length));
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.That(embeddings[i].Vector.ToArray(), Is.EqualTo(tiny.Embedding(texts[i])).Within(1e-5f));
            Assert.That((embeddings[i].Dimensions, embeddings[i].ModelId), Is.EqualTo((5, $"cclm-{model.Weights}")));
            Assert.That(embeddings[i].CreatedAt, Is.Not.Null);
        }
    }

    [Test]
    public async Task UsageCountsWhatTheModelReads()
    {
        var usage = (await generator.GenerateAsync(["abc", "", "a😀", new string('a', 9_999)])).Usage!;

        const long read = 4 + 1 + 3 + 512;      // characters and CLS, as far as they are not cut
        Assert.That((usage.InputTokenCount, usage.TotalTokenCount, usage.OutputTokenCount), Is.EqualTo((read, read, (long?)null)));
    }

    [Test]
    public async Task NoTextsHaveNoEmbeddings()
    {
        var embeddings = await generator.GenerateAsync([]);

        Assert.That(embeddings, Is.Empty);
        Assert.That(embeddings.Usage!.InputTokenCount, Is.Zero);
    }

    [Test]
    public void MetadataAndServicesAreGiven()
    {
        var metadata = generator.GetService<EmbeddingGeneratorMetadata>()!;

        Assert.That((metadata.ProviderName, metadata.DefaultModelDimensions), Is.EqualTo(("cclm", 5)));
        Assert.That(metadata.DefaultModelId, Is.EqualTo($"cclm-{model.Weights}"));
        Assert.That(generator.GetService<CclmModel>(), Is.SameAs(model));
        Assert.That(generator.GetService<IEmbeddingGenerator<string, Embedding<float>>>(), Is.SameAs(generator));
        Assert.That(generator.GetService<HttpClient>(), Is.Null);
        Assert.That(generator.GetService(typeof(CclmModel), "key"), Is.Null);
    }

    [Test]
    public void ARequestForAnotherModelOrWidthIsAnErrorAndNotAnotherVector()
    {
        Assert.That(
            () => generator.GenerateAsync(["a"], new() { Dimensions = 3 }),
            Throws.ArgumentException.With.Message.Contains("3 dimensions were asked for; this model gives 5"));
        Assert.That(
            () => generator.GenerateAsync(["a"], new() { ModelId = "other" }),
            Throws.ArgumentException.With.Message.Contains("'other' was asked for"));
        var matching = new EmbeddingGenerationOptions { Dimensions = 5, ModelId = $"cclm-{model.Weights}" };
        Assert.That(async () => await generator.GenerateAsync(["a"], matching), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task AVectorIsLabelledWithTheModelThatAnswered()
    {
        var other = tiny with { Characters = "abc", Options = new() { MaxLength = 3 } };
        using var folder = new TempFolder();
        using var changing = tiny.Load();
        var (id, path) = ($"cclm-{changing.Weights}", folder.Write("other.onnx", other.Bytes()));
        using var reloading = new CclmEmbeddingGenerator<Embedding<float>>(changing, vector =>
        {
            changing.Reload(path);
            return new(vector);
        });

        var embeddings = await reloading.GenerateAsync(["hgf"]);

        Assert.That(embeddings[0].Vector.ToArray(), Is.EqualTo(tiny.Embedding("hgf")).Within(1e-5f));
        Assert.That((embeddings[0].ModelId, embeddings[0].AdditionalProperties, embeddings.Usage!.InputTokenCount), Is.EqualTo((id, (AdditionalPropertiesDictionary?)null, 4L)));
        Assert.That((await reloading.GenerateAsync(["hgf"]))[0].ModelId, Is.EqualTo($"cclm-{changing.Weights}").And.Not.EqualTo(id));
    }

    [Test]
    public async Task WhatIsAskedOfOneModelIsNeverAnsweredByAnother()
    {
        using var folder = new TempFolder();
        using var changing = tiny.Load();
        var (id, path) = ($"cclm-{changing.Weights}", folder.Write("other.onnx", (tiny with { Characters = "abc" }).Bytes()));
        var asking = changing.AsEmbeddingGenerator();
        Assert.That(async () => await asking.GenerateAsync(Texts(), new() { ModelId = id }), Throws.ArgumentException.With.Message.Contains($"'{id}' was asked for").And.Message.Contains(changing.Weights));
        Assert.That(await asking.GenerateAsync(Texts(), new() { ModelId = $"cclm-{changing.Weights}" }), Has.Count.EqualTo(1));

        IEnumerable<string> Texts()
        {
            changing.Reload(path);
            yield return "a";
        }
    }

    [Test]
    public void BadTextsAreErrors()
    {
        Assert.That(() => generator.GenerateAsync(null!), Throws.InstanceOf<ArgumentNullException>());
        Assert.That(() => generator.GenerateAsync([null!]), Throws.ArgumentException.With.Message.Contains("Text 0 is null"));
    }

    [Test]
    public void ACancelledRequestIsACancelledTask()
    {
        var task = generator.GenerateAsync(["a"], cancellationToken: new(canceled: true));

        Assert.That(async () => await task, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(task.IsCanceled);
    }

    [Test]
    public async Task ConcurrentRequestsEachGetTheirOwnAnswers()
    {
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
        {
            var text = new string((char)('a' + (i % 8)), i % 11);
            var vector = await generator.GenerateVectorAsync(text, cancellationToken: cancellation);
            Assert.That(vector.ToArray(), Is.EqualTo(tiny.Embedding(text)).Within(1e-5f));
        });
    }

    [Test]
    public void DisposingAGeneratorLeavesTheModelToItsOwner()
    {
        model.AsEmbeddingGenerator().Dispose();

        Assert.That(() => model.Embed("a"), Throws.Nothing);
    }
}
