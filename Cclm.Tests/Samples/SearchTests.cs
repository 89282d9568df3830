extern alias Service;

using System.Net;
using System.Text.Json;
using Cclm.Inference;
using Cclm.Tests.Inference;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Service::EmbeddingService.Api;
using Service::EmbeddingService.Search;

namespace Cclm.Tests.Samples;

/// <summary>The service's search of documentation and its map of texts, as HTTP says them.</summary>
public sealed class SearchTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("Gives food to hungry animals.", "Keeper.Feed")]
    [TestCase("Gievs fodo to hungyr aniamls.", "Keeper.Feed")]
    [TestCase("Sweeps the floor with a borom.", "Cage.Clean")]
    [TestCase("Hires someone who is fond of zebras.", "Keeper.ctor")]
    public async Task TheNearestMemberIsFirst(string query, string name)
    {
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model);
        var hits = await FindAsync(host, query, 3);
        Assert.That(hits[0].GetProperty("name").GetString(), Is.EqualTo(name));
        Assert.That(hits[0].GetProperty("namespace").GetString(), Is.EqualTo("Zoo"));
        Assert.That(hits, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task ScoresAreCosinesOfStandardisedVectorsAndOfEachTowersPart()
    {
        const string Query = "Where do the zebras sleep?";
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model);
        var hits = await FindAsync(host, Query, top: 100);
        double[][] rows = [.. Zoo.Members.Select(member => Vector(member.Summary))];
        var expected = Zoo.Members.Zip(rows).ToDictionary(pair => pair.First.Name, pair => (Zoo: pair.Second, Query: Vector(Query)));
        double[] mean = [.. Enumerable.Range(0, TinyModel.Width).Select(d => rows.Average(row => row[d]))];
        double[] deviation = [.. mean.Select((m, d) => Math.Sqrt(rows.Average(row => (row[d] - m) * (row[d] - m))))];

        Assert.That(hits.Select(hit => hit.GetProperty("name").GetString()), Is.EquivalentTo(Zoo.Members.Select(member => member.Name)), "Members that say the same are one.");
        Assert.That(hits.Select(hit => hit.GetProperty("score").GetDouble()), Is.Ordered.Descending);
        foreach (var hit in hits)
        {
            var (member, query) = expected[hit.GetProperty("name").GetString()!];
            Assert.That(hit.GetProperty("score").GetDouble(), Is.EqualTo(Cosine(query, member, 0, 5)).Within(1e-4));
            var towers = hit.GetProperty("towers").EnumerateArray().Select(tower => (tower.GetProperty("tower").GetString(), tower.GetProperty("score").GetDouble())).ToArray();
            Assert.That(towers.Select(tower => tower.Item1), Is.EqualTo((string[])["left", "right"]));
            Assert.That(towers.Select(tower => tower.Item2), Is.EqualTo((double[])[Cosine(query, member, 3, 2), Cosine(query, member, 0, 3)]).Within(1e-4));
        }

        static double[] Vector(string text) => [.. Zoo.Tiny.Embedding(text).Select(number => (double)number)];

        double Cosine(double[] a, double[] b, int start, int width)
        {
            var (x, y) = (Part(a), Part(b));
            return x.Zip(y, (p, q) => p * q).Sum() / Math.Sqrt(x.Sum(p => p * p) * y.Sum(q => q * q));

            double[] Part(double[] vector) => [.. vector.Select((number, d) => (number - mean[d]) / deviation[d]).Skip(start).Take(width)];
        }
    }

    [TestCase("/v1/search", """{"query":""}""", 400, "query", "'query' has 0 characters; expected 1 to 20")]
    [TestCase("/v1/search", """{"query":"aaaaaaaaaaaaaaaaaaaaa"}""", 400, "query", "'query' has 21 characters")]
    [TestCase("/v1/search", """{"query":null}""", 400, null, "expected an object with 'query'")]
    [TestCase("/v1/search", """{"query":"a","top":0}""", 400, "top", "'top' is 0; expected 1 to 100")]
    [TestCase("/v1/search", """{"query":"a","top":101}""", 400, "top", "'top' is 101; expected 1 to 100")]
    [TestCase("/v1/search", """{"query":"a","top":"b"}""", 400, null, "$.top")]
    [TestCase("/v1/map", """{"input":[]}""", 400, "input", "0 texts; expected 1 to 3")]
    [TestCase("/v1/map", """{"input":["a","b","c","d"]}""", 400, "input", "4 texts; expected 1 to 3")]
    [TestCase("/v1/map", """{"input":["a",null]}""", 400, "input", "has null")]
    [TestCase("/v1/map", """{"input":null}""", 400, "input", "has null")]
    [TestCase("/v1/map", """{"input":[1]}""", 400, "input", "has tokens")]
    public async Task TheLimitsAreThoseOfAllRequests(string path, string body, int status, string? param, string message)
    {
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model, ("Service:MaxItems", "3"), ("Service:MaxItemCharacters", "20"), ("Service:ApiKeys:0", "right"));
        await ErrorAsync(await host.PostAsync(body, path: path), 401, null, "API key");
        await ErrorAsync(await host.PostAsync(body, "right", "text/plain", path), 415, null, "");
        await ErrorAsync(await host.PostAsync(body, "right", path: path), status, param, message);
    }

    [TestCase("/v1/search", """{"query":"abcde"}""")]
    [TestCase("/v1/map", """{"input":["abc","d"]}""")]
    public async Task AFullQueueIsSaid(string path, string body)
    {
        using var held = new HeldModel(new() { QueueCharacters = 8 });       // room for one request of 6
        await using var host = await StartAsync(held.Model);
        var before = held.Runs;
        held.Hold();
        var first = host.PostAsync(body, path: path);
        while (held.Runs == before)
        {
            await Task.Delay(1);
        }
        Task<HttpResponseMessage>[] others = [host.PostAsync(body, path: path), host.PostAsync(body, path: path)];
        using var refused = await await Task.WhenAny(others);
        await ErrorAsync(refused, 429, null, "wait");
        Assert.That(refused.Headers.RetryAfter, Is.Not.Null);
        held.Release();
        await Task.WhenAll([first, .. others]);
    }

    [TestCase("Service:SearchMembers", "0", "The search is off")]
    [TestCase("Service:SearchDocumentation", "empty", "no members with a summary")]
    [TestCase("Service:SearchDocumentation", "broken", "no .NET API documentation here")]
    public async Task WithoutDocumentationTheRestWorks(string key, string value, string message)
    {
        folder.Write("empty/a.txt", "");
        folder.Write("broken/a.xml", "<doc><member name='x'>");
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model, (key, key.EndsWith("Members", StringComparison.Ordinal) ? value : folder[value]));
        await ErrorAsync(await host.PostAsync("""{"query":"a"}""", path: "/v1/search"), 404, null, message);
        Assert.That((await ServiceHost.JsonAsync(await host.Client.GetAsync("/v1/search"))).GetProperty("phase").GetString(), Is.EqualTo("Absent"));
        Assert.That((await host.PostAsync("""{"input":"a"}""", path: "/v1/map")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task OnlySoManyMembersAreSearched()
    {
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model, ("Service:SearchMembers", "4"));
        Assert.That(await FindAsync(host, "animals", 100), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task AnotherModelIsSearchedByItsOwnVectors()
    {
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model);
        var other = Zoo.Tiny with { Characters = "zyxwvutsrqponmlkjihgfedcba ." };
        model.Reload(folder.Write("other.onnx", other.Bytes()));
        HttpResponseMessage response;
        while (!(response = await host.PostAsync("""{"query":"Swesep teh floor with a broom."}""", path: "/v1/search")).IsSuccessStatusCode)
        {
            Assert.That(response.Headers.RetryAfter, Is.Not.Null);
            await ErrorAsync(response, 503, null, "is being made");
            await Task.Delay(20);
        }
        var best = (await ServiceHost.JsonAsync(response)).GetProperty("data")[0];
        Assert.That(best.GetProperty("name").GetString(), Is.EqualTo("Cage.Clean"));
        Assert.That(best.GetProperty("score").GetDouble(), Is.EqualTo(1).Within(1e-4));
    }

    [Test]
    public async Task AModelThatCanNotBeSearchedBySaysSo()
    {
        using var model = (Zoo.Tiny with { Poisoned = "b" }).Load();
        await using var host = await StartAsync(model);
        await ErrorAsync(await host.PostAsync("""{"query":"a"}""", path: "/v1/search"), 404, null, "This model can not be searched by.");
    }

    [Test]
    public async Task TheMapKeepsTheTextsOrderAndTheirDistances()
    {
        using var model = Zoo.Tiny.Load();
        await using var host = await StartAsync(model);
        var map = await ServiceHost.JsonAsync(await host.PostAsync("""{"input":["abc","x","cab","yz yz"]}""", path: "/v1/map"));
        (double X, double Y)[] points = [.. map.GetProperty("data").EnumerateArray().Select(point => (point.GetProperty("x").GetDouble(), point.GetProperty("y").GetDouble()))];
        Assert.That(points, Has.Length.EqualTo(4));
        Assert.That(points[2].X, Is.EqualTo(points[0].X).Within(1e-6), "The same characters are the same vector here.");
        Assert.That(points[2].Y, Is.EqualTo(points[0].Y).Within(1e-6));
        Assert.That(map.GetProperty("variance").EnumerateArray().Sum(share => share.GetDouble()), Is.EqualTo(1).Within(1e-6), "Three points lie in a plane.");
    }

    /// <summary>A service whose index is made.</summary>
    async Task<ServiceHost> StartAsync(CclmModel model, params (string, string)[] settings)
    {
        var host = await ServiceHost.StartAsync(model, [("Service:SearchDocumentation", Zoo.Write(folder)), ("Service:SearchMembers", "100"), .. settings]);
        while (host.Services.GetRequiredService<DocumentationSearch>().State.Phase == SearchPhase.Building)
        {
            await Task.Delay(5);
        }
        return host;
    }

    static async Task<List<JsonElement>> FindAsync(ServiceHost host, string query, int top)
    {
        using var response = await host.PostAsync(JsonSerializer.Serialize(new { query, top }), path: "/v1/search");
        return [.. (await ServiceHost.JsonAsync(response)).GetProperty("data").EnumerateArray()];
    }

    static async Task ErrorAsync(HttpResponseMessage response, int status, string? param, string message)
    {
        var error = (await ServiceHost.JsonAsync(response)).GetProperty("error");
        Assert.That((int)response.StatusCode, Is.EqualTo(status), error.GetRawText());
        Assert.That(error.GetProperty("param").GetString(), Is.EqualTo(param));
        Assert.That(error.GetProperty("message").GetString(), Does.Contain(message));
    }
}
