using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Cclm.Tests.Inference;
using NUnit.Framework;
using OpenAI;
using OpenAI.Embeddings;

namespace Cclm.Tests.Samples;

/// <summary>OpenAI's own client for .NET against the service of the samples.</summary>
public sealed class OpenAIClientTests
{
    readonly TinyModel tiny = new();

    static EmbeddingClient Client(ServiceHost host, string key = "right", string model = "cclm") =>
        new(model, new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new(host.Url, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(500)]
    public async Task ItGetsTheVectorsOfTheModel(int count)
    {
        await using var host = await ServiceHost.StartAsync(null, ("Service:ApiKeys:0", "other"), ("Service:ApiKeys:1", "right"));
        string[] texts = [.. Enumerable.Range(0, count).Select(i => string.Concat(Enumerable.Repeat("habe😀c", i % 7)))];
        OpenAIEmbeddingCollection answers = await Client(host).GenerateEmbeddingsAsync(texts, new() { EndUserId = "someone" });
        Assert.That(answers.Select(answer => answer.Index), Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(answers.Model, Is.EqualTo("cclm"));
        Assert.That(answers.Usage.InputTokenCount, Is.EqualTo(texts.Sum(text => tiny.Preprocessor.Length(text))));
        foreach (var (answer, text) in answers.Zip(texts))
        {
            Assert.That(answer.ToFloats().ToArray(), Is.EqualTo(tiny.Embedding(text)).Within(1e-5f));
        }
    }

    [Test]
    public async Task OneTextAndTheModelsOwnWidthAreTakenToo()
    {
        await using var host = await ServiceHost.StartAsync();
        OpenAIEmbedding answer = await Client(host).GenerateEmbeddingAsync("bad", new() { Dimensions = TinyModel.Width });
        Assert.That(answer.ToFloats().ToArray(), Is.EqualTo(tiny.Embedding("bad")).Within(1e-5f));
    }

    [TestCase("wrong", "cclm", null, HttpStatusCode.Unauthorized, "invalid_api_key")]
    [TestCase("right", "other", null, HttpStatusCode.NotFound, "'other' is not served here; there is 'cclm'")]
    [TestCase("right", "cclm", 4, HttpStatusCode.BadRequest, "'dimensions' is 4; this model's vectors have 5")]
    public async Task ItIsToldWhatIsWrong(string key, string model, int? dimensions, HttpStatusCode status, string message)
    {
        await using var host = await ServiceHost.StartAsync(null, ("Service:ApiKeys:0", "right"));
        var error = (await Assert.ThrowsAsync<ClientResultException>(() => Client(host, key, model).GenerateEmbeddingAsync("bad", new() { Dimensions = dimensions })))!;
        Assert.That((HttpStatusCode)error.Status, Is.EqualTo(status));
        Assert.That(error.Message, Does.Contain(message));
    }

    [Test]
    public async Task ItListsTheModels()
    {
        await using var host = await ServiceHost.StartAsync(null, ("Service:Model", "mine"));
        var models = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new(host.Url, "v1") }).GetOpenAIModelClient();
        Assert.That((await models.GetModelsAsync()).Value.Select(model => model.Id), Is.EqualTo((string[])["mine"]));
        Assert.That((await models.GetModelAsync("mine")).Value.CreatedAt, Is.GreaterThan(DateTimeOffset.UtcNow.AddMinutes(-10)));
        await Assert.ThrowsAsync<ClientResultException>(() => models.GetModelAsync("other"));
    }
}
