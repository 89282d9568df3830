using System.Net;
using System.Text.Json;
using Cclm.Tests.Inference;
using Microsoft.OpenApi;
using NUnit.Framework;

namespace Cclm.Tests.Samples;

/// <summary>What the service of the samples answers, and how it is operated.</summary>
public sealed class ServiceTests
{
    readonly TinyModel tiny = new();

    [TestCase("""{"input":"abc"}""", "abc")]
    [TestCase("""{"input":["abc","","zz"],"encoding_format":"float","dimensions":5,"model":"cclm","user":"u"}""", "abc", "", "zz")]
    [TestCase("""{"encoding_format":"base64","input":["h","abc"]}""", "h", "abc")]
    public async Task VectorsComeInOpenAIsForm(string body, params string[] texts)
    {
        await using var host = await ServiceHost.StartAsync();
        var answer = await ServiceHost.JsonAsync(await host.PostAsync(body));
        Assert.That(answer.GetProperty("object").GetString(), Is.EqualTo("list"));
        Assert.That(answer.GetProperty("model").GetString(), Is.EqualTo("cclm"));
        var read = texts.Sum(text => text.Length + 1);
        Assert.That(answer.GetProperty("usage").GetRawText(), Is.EqualTo($$"""{"prompt_tokens":{{read}},"total_tokens":{{read}}}"""));
        foreach (var (i, item) in answer.GetProperty("data").EnumerateArray().Index())
        {
            Assert.That(item.GetProperty("object").GetString(), Is.EqualTo("embedding"));
            Assert.That(item.GetProperty("index").GetInt32(), Is.EqualTo(i));
            Assert.That(Vector(item.GetProperty("embedding")), Is.EqualTo(tiny.Embedding(texts[i])).Within(1e-5f));
        }
        Assert.That(answer.GetProperty("data").GetArrayLength(), Is.EqualTo(texts.Length));

        static float[] Vector(JsonElement written) => written.ValueKind == JsonValueKind.Array
            ? [.. written.EnumerateArray().Select(number => number.GetSingle())]
            : [.. written.GetBytesFromBase64().Chunk(4).Select(bytes => BitConverter.ToSingle(bytes))];
    }

    [Test]
    public async Task ARunThatHangsTurnsReadinessOffAndLivesOn()
    {
        using var model = new HeldModel();
        await using var host = await ServiceHost.StartAsync(model.Model, ("Service:BusyLimit", "00:00:00.050"));
        model.Hold();
        var held = host.PostAsync("""{"input":"a"}""");
        await model.WhenRunningAsync(held);
        await Task.Delay(60);
        Assert.That((await host.Client.GetAsync("/health/ready")).StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await host.Client.GetAsync("/health/live")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        model.Release();
        await held;
        while (model.Model.BusyFor > TimeSpan.Zero)
        {
            await Task.Delay(1);
        }
        Assert.That((await host.Client.GetAsync("/health/ready")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task StoppingLosesNoRequestThatIsIn()
    {
        using var model = new HeldModel();
        await using var host = await ServiceHost.StartAsync(model.Model);
        model.Hold();
        var first = host.PostAsync("""{"input":["abc","d"]}""");
        await model.WhenRunningAsync(first);
        Task<HttpResponseMessage>[] requests = [first, .. Enumerable.Range(0, 20).Select(_ => host.PostAsync("""{"input":["abc","d"]}"""))];
        await model.WhenWaitingAsync(20 * 6);
        var stopping = host.StopAsync();
        Assert.That(stopping.IsCompleted, Is.False);
        model.Release();
        await stopping;
        foreach (var request in requests)
        {
            using var response = await request;
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await ServiceHost.JsonAsync(response)).GetProperty("data").GetArrayLength(), Is.EqualTo(2));
        }
        Assert.That(() => host.PostAsync("""{"input":"a"}"""), Throws.TypeOf<HttpRequestException>());
    }

    [Test]
    public async Task MetricsAreThoseOfTheModelAndOfAspNetCore()
    {
        using var model = new HeldModel(new() { QueueCharacters = 2 });
        await using var host = await ServiceHost.StartAsync(model.Model);
        model.Hold();
        var held = host.PostAsync("""{"input":["abc","ab"]}""");
        await model.WhenRunningAsync(held);
        Task<HttpResponseMessage>[] others = [host.PostAsync("""{"input":"a"}"""), host.PostAsync("""{"input":"a"}""")];
        Assert.That((await await Task.WhenAny(others)).StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        model.Release();
        await Task.WhenAll([held, .. others]);
        using var response = await host.Client.GetAsync("/metrics");
        var metrics = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/plain"));
        foreach (var start in (string[])["cclm_queue_duration_seconds_sum", "cclm_batch_size_bucket", "cclm_batch_padding", "cclm_run_duration_seconds_sum", "kestrel_active_connections", "dotnet_gc_collections"])
        {
            Assert.That(metrics, Has.Some.StartsWith(start));
        }
        Assert.That(metrics, Has.Some.Match("""cclm_rejected_total\{.*error_type="queue_full".*\} 1\b"""));
        Assert.That(metrics, Has.Some.Match("""cclm_run_duration_seconds_bucket\{.*le="0\.01"\}"""), "Buckets are those of runs, not of minutes.");
        Assert.That(metrics, Has.Some.Match("""http_server_request_duration_seconds_count\{.*http_response_status_code="200",http_route="/v1/embeddings".*\} 2\b"""));
    }

    [Test]
    public async Task TheOpenApiDocumentDescribesWhatIsTaken()
    {
        await using var host = await ServiceHost.StartAsync();
        var (document, diagnostic) = OpenApiDocument.Parse(await host.Client.GetStringAsync("/openapi/v1.json"), "json");
        Assert.That(diagnostic!.Errors, Is.Empty);
        Assert.That(document!.Paths.Keys, Is.EquivalentTo((string[])["/v1/embeddings", "/v1/models", "/v1/models/{id}", "/v1/search", "/v1/map"]));
        var embed = document.Paths["/v1/embeddings"].Operations![HttpMethod.Post];
        Assert.That(embed.Responses!.Keys, Is.EquivalentTo((string[])["200", "400", "401", "404", "413", "415", "429", "503"]));
        var request = document.Components!.Schemas!["EmbeddingRequest"];
        Assert.That(request.Properties!.Keys, Is.EquivalentTo((string[])["input", "model", "encoding_format", "dimensions", "user"]));
        Assert.That(request.Required, Is.EquivalentTo((string[])["input"]));
        Assert.That(request.Properties["input"].OneOf!.Select(schema => schema.Type), Is.EqualTo((JsonSchemaType[])[JsonSchemaType.String, JsonSchemaType.Array]));
        Assert.That((request.Properties["input"].Type, request.Properties["input"].Items), Is.EqualTo(((JsonSchemaType?)null, (IOpenApiSchema?)null)), "A string is no array.");
        Assert.That(request.Properties["dimensions"].Type, Is.EqualTo(JsonSchemaType.Integer | JsonSchemaType.Null));
        foreach (var path in (string[])["/v1/search", "/v1/map"])
        {
            Assert.That(document.Paths[path].Operations![HttpMethod.Post].Responses!.Keys, Is.EquivalentTo(embed.Responses.Keys));
        }
        var vector = document.Components.Schemas["EmbeddingItem"].Properties!["embedding"];
        Assert.That(vector.OneOf!.Select(schema => schema.Type), Is.EqualTo((JsonSchemaType[])[JsonSchemaType.Array, JsonSchemaType.String]));
    }

    [TestCase("""{"input":"secret"}""")]
    [TestCase("""{"input":["a","secret"],"user":"secret","model":"cclm"}""")]
    [TestCase("""{"input":secret}""")]
    [TestCase("""{"secret":secret}""")]
    [TestCase("""{"input":[["secret"]]}""")]
    [TestCase("""{"input":"secret","dimensions":"secret"}""")]
    [TestCase("""{"input":"secret \ud83d"}""")]
    [TestCase("""{"input":"secret"} secret""")]
    public async Task NoTextIsInTheLogHoweverMuchIsLogged(string body)
    {
        await using var host = await ServiceHost.StartAsync(null, ("Embeddings:LongText", "Error"));
        await host.PostAsync(body);
        await host.PostAsync(body.Replace("input", "query", StringComparison.Ordinal), path: "/v1/search");
        await host.PostAsync(body, path: "/v1/map");
        await host.PostAsync(body.Replace("secret", new string('s', 600) + "secret", StringComparison.Ordinal));
        Assert.That(host.Log.Lines, Has.Some.StartsWith("Trace"));
        Assert.That(host.Log.Lines, Has.Some.Contains("/v1/embeddings"));
        Assert.That(host.Log.Lines, Has.None.Contains("secret"));
    }
}
