extern alias Service;

using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Cclm.Tests.Inference;
using Microsoft.AspNetCore.Builder;
using NUnit.Framework;
using Service::EmbeddingService;

namespace Cclm.Tests.Samples;

/// <summary>Every limit and error of the service of the samples, as HTTP says it.</summary>
public sealed class ServiceErrorTests
{
    static readonly (string, string)[] Limits =
    [
        ("Service:MaxBodyBytes", "200"), ("Service:MaxItems", "3"), ("Service:MaxItemCharacters", "5"), ("Service:MaxRequestCharacters", "9"),
    ];

    static readonly TestCaseData[] Refused =
    [
        Case("""{"input":[1,2]}""", 400, "input", "has tokens"),
        Case("""{"input":[[1,2],[3]]}""", 400, "input", "has tokens"),
        Case("""{"input":null}""", 400, "input", "has null"),
        Case("""{"input":{"a":"secret"}}""", 400, "input", "has an object"),
        Case("""{"input":["a",true]}""", 400, "input", "has a truth value"),
        Case("""{"input":[]}""", 400, "input", "0 texts; expected 1 to 3"),
        Case("""{"input":["a","b","a","b"]}""", 400, "input", "4 texts; expected 1 to 3"),
        Case("""{"input":["a","bbbbbb"]}""", 400, "input", "Text 1 of 'input' has 6 characters; expected at most 5"),
        Case("""{"input":["aaaaa","bbbbb"]}""", 400, "input", "10 characters together; expected at most 9"),
        Case($$"""{"input":"{{new string('a', 300)}}"}""", 413, null, "more than 200 bytes"),
        Case("""{"input":"a","dimensions":4}""", 400, "dimensions", "vectors have 5"),
        Case("""{"input":"a","dimensions":"four"}""", 400, null, "$.dimensions"),
        Case("""{"input":"a","encoding_format":"int8"}""", 400, "encoding_format", "is 'int8'; expected 'float' or 'base64'"),
        Case("""{"input":"a","model":"gpt"}""", 404, "model", "'gpt' is not served here"),
        Case("""{"model":"cclm"}""", 400, null, "expected an object with 'input'"),
        Case("""{"input":"\ud83d"}""", 400, null, "can not be read"),
        Case("""{"input":secret}""", 400, null, "line 1, byte 9"),
        Case("", 400, null, "can not be read"),
        Case("null", 400, null, "body is null"),
    ];

    static readonly TestCaseData[] Broken =
    [
        Setting("Service:MaxItem", "4", "MaxItem"),
        Setting("Service:MaxItems", "0", "MaxItems is 0; expected 1 or more"),
        Setting("Service:MaxItems", "many", "MaxItems"),
        Setting("Service:MaxBodyBytes", "-1", "MaxBodyBytes is -1"),
        Setting("Service:MaxItemCharacters", "0", "MaxItemCharacters is 0"),
        Setting("Service:MaxRequestCharacters", "0", "MaxRequestCharacters is 0"),
        Setting("Service:ApiKeys:0", " ", "ApiKeys is empty"),
        Setting("Service:Model", "", "Model is empty"),
        Setting("Service:SearchMembers", "-1", "SearchMembers is -1"),
        Setting("Service:SearchDocumentation", "nowhere", "SearchDocumentation is 'nowhere', which is no folder"),
        Setting("Service:BusyLimit", "00:00:00", "BusyLimit is 00:00:00"),
        Setting("Service:ShutdownTimeout", "-00:00:01", "ShutdownTimeout is -00:00:01"),
        Setting("Embeddings:Path", "none.onnx", "there is no file"),
    ];

    static TestCaseData Case(string body, int status, string? param, string message) => new TestCaseData(body, status, param, message).SetArgDisplayNames($"{status} {message}");

    static TestCaseData Setting(string key, string value, string message) => new TestCaseData(key, value, message).SetArgDisplayNames($"{key}={value}");

    [TestCaseSource(nameof(Refused))]
    public async Task WhatIsNotAnsweredIsSaidInOpenAIsForm(string body, int status, string? param, string message)
    {
        await using var host = await ServiceHost.StartAsync(null, Limits);
        using var response = await host.PostAsync(body);
        var error = await ErrorAsync(response, status);
        Assert.That(error.GetProperty("message").GetString(), Does.Contain(message));
        Assert.That(error.GetProperty("param").GetString(), Is.EqualTo(param));
        Assert.That(error.GetProperty("type").GetString(), Is.EqualTo("invalid_request_error"));
        Assert.That((await host.PostAsync("""{"input":["aa😀aa","bbbb"],"unknown":[1]}""")).StatusCode, Is.EqualTo(HttpStatusCode.OK), "The limits themselves are allowed, and the service goes on.");
    }

    [TestCase("GET", "/v1/embeddings", 405)]
    [TestCase("GET", "/v1/completions", 404)]
    [TestCase("GET", "/v1/models/other", 404)]
    [TestCase("GET", "/index.html", 404)]
    public async Task WhatIsNotThereIsSaidInThatFormToo(string method, string path, int status)
    {
        await using var host = await ServiceHost.StartAsync();
        using var request = new HttpRequestMessage(new(method), path);
        await ErrorAsync(await host.Client.SendAsync(request), status);
    }

    [Test]
    public async Task ABodyOfAnotherTypeIsRefused()
    {
        await using var host = await ServiceHost.StartAsync();
        await ErrorAsync(await host.PostAsync("""{"input":"a"}""", type: "text/plain"), 415);
    }

    [TestCase(null, "/v1/models", 401)]
    [TestCase("", "/v1/models", 401)]
    [TestCase("Bearer", "/v1/models", 401)]
    [TestCase("Bearer ", "/v1/models", 401)]
    [TestCase("Bearer one!", "/v1/models", 401)]
    [TestCase("Bearer on", "/v1/models", 401)]
    [TestCase("Basic one", "/v1/models", 401)]
    [TestCase("Bearer one", "/v1/models", 200)]
    [TestCase("bearer two", "/v1/models/cclm", 200)]
    [TestCase(null, "/v1/nothing", 401)]
    [TestCase(null, "/V1/models", 401)]
    [TestCase(null, "/health/ready", 200)]
    public async Task AKeyIsAskedForWhereverTheModelIs(string? authorization, string path, int status)
    {
        await using var host = await ServiceHost.StartAsync(null, ("Service:ApiKeys:0", "one"), ("Service:ApiKeys:1", "two"));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await host.Client.SendAsync(request);
        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo(status == 401 ? "Bearer" : ""));
    }

    [Test]
    public async Task ATextThatTheModelMayNotCutIsRefused()
    {
        await using var host = await ServiceHost.StartAsync(null, ("Embeddings:LongText", "Error"));
        var error = await ErrorAsync(await host.PostAsync($$"""{"input":["a","{{new string('b', 600)}}"]}"""), 400);
        Assert.That(error.GetProperty("message").GetString(), Does.Contain("Text 1 has 600 characters"));
    }

    [Test]
    public async Task AModelWhoseNumbersAreNoneIsTheServicesFault()
    {
        using var model = new TinyModel { Poisoned = "c" }.Load();
        await using var host = await ServiceHost.StartAsync(model);
        var error = await ErrorAsync(await host.PostAsync("""{"input":"abc"}"""), 500);
        Assert.That(error.GetProperty("type").GetString(), Is.EqualTo("server_error"));
        Assert.That(host.Log.Lines, Has.Some.StartsWith("Error: A request failed."));
        Assert.That((await host.PostAsync("""{"input":"ab"}""")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCaseSource(nameof(Broken))]
    public void AConfigurationThatCanNotBeStopsTheServiceAtItsStart(string key, string value, string message)
    {
        using var folder = new TempFolder();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = folder.Path });
        builder.Configuration["Embeddings:Path"] = folder.Write("model.onnx", new TinyModel().Bytes());
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Configuration[key] = value;
        Assert.That(async () =>
        {
            builder.AddEmbeddingService();
            await using var application = builder.Build();
            await application.StartAsync();
        }, Throws.Exception.With.Message.Contains(message));
    }

    [Test]
    public async Task AModelThatCanNotBeLoadedEndsTheProcessWithAnError()
    {
        using var folder = new TempFolder();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", typeof(ServiceOptions).Assembly.Location, "--urls", "http://127.0.0.1:0", $"--Embeddings:Path={folder.Write("model.onnx", "junk")}"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardError = true,
        })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Not.Zero);
        Assert.That(errors, Does.StartWith("error: ").And.Contain("model.onnx").And.Not.Contain("   at "), "A line, and no stack trace.");
    }

    [Test]
    public async Task AFullQueueSaysWhenToTryAgain()
    {
        using var model = new HeldModel(new() { QueueCharacters = 8 });
        await using var host = await ServiceHost.StartAsync(model.Model);
        model.Hold();
        var held = host.PostAsync("""{"input":"a"}""");
        await model.WhenRunningAsync(held);
        Task<HttpResponseMessage>[] others = [.. Enumerable.Range(0, 4).Select(_ => host.PostAsync("""{"input":"abcde"}"""))];      // 6 of 8 for the first of them
        foreach (var _ in Enumerable.Range(0, 3))
        {
            using var refused = await await Task.WhenAny(others);
            others = [.. others.Where(task => !task.IsCompleted || task.Result != refused)];
            var error = await ErrorAsync(refused, 429);
            Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("rate_limit_exceeded"));
            Assert.That(refused.Headers.RetryAfter!.Delta, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        }
        model.Release();
        Assert.That((await held).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await others.Single()).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task WhatWaitsForTooLongIsToldSo()
    {
        using var model = new HeldModel(new() { QueueTimeout = TimeSpan.FromSeconds(1) });
        await using var host = await ServiceHost.StartAsync(model.Model);
        model.Hold();
        var held = host.PostAsync("""{"input":"a"}""");
        await model.WhenRunningAsync(held);
        var late = host.PostAsync("""{"input":"b"}""");
        await model.WhenWaitingAsync(2);
        await Task.Delay(1_100);
        model.Release();
        Assert.That((await held).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var response = await late;
        var error = await ErrorAsync(response, 503);
        Assert.That(error.GetProperty("message").GetString(), Does.Contain("QueueTimeout"));
        Assert.That(response.Headers.RetryAfter, Is.Not.Null);
    }

    static async Task<JsonElement> ErrorAsync(HttpResponseMessage response, int status)
    {
        Assert.That((int)response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
        var error = (await ServiceHost.JsonAsync(response)).GetProperty("error");
        Assert.That(error.EnumerateObject().Select(field => field.Name), Is.EquivalentTo((string[])["message", "type", "param", "code"]));
        Assert.That(error.GetProperty("message").GetString(), Does.Not.Contain("secret"));
        return error;
    }
}
