using System.Text.RegularExpressions;
using Cclm.Inference;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

/// <summary>A shelf behind a real web server that misbehaves in every way that one can.</summary>
[Parallelizable]
public sealed class HttpShelfTests : TorchFixture
{
    const int Bytes = 600_000;

    TempFolder folder = null!;
    FileServer server = null!;
    string[] content = null!;

    [SetUp]
    public async Task PublishAndServe()
    {
        folder = new();
        var item = ShelfParts.Item(folder, bytes: Bytes);
        content = ShelfParts.Content(item);
        using var shelf = new Shelf(folder["shelf"]);
        await shelf.PublishAsync([item], "v1");
        server = await FileServer.StartAsync(folder["shelf"]);
    }

    [TearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [TestCase("{0}")]
    [TestCase("{0}/")]
    [TestCase("{0}/{{tag}}/{{item_type}}/{{filename}}")]
    [TestCase("{0}/{{tag}}/{{item_type}}/{{filename}}?raw=true")]
    public async Task AnItemIsFetchedOnceAndThenFromTheCache(string template)
    {
        var address = template.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal).Replace("{0}", server.Url, StringComparison.Ordinal);
        using var shelf = Open(location: address);
        var item = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        Assert.That(ShelfParts.Content(item.Folder), Is.EqualTo(content));
        Assert.That(File.ReadAllBytes(item.OnnxFile), Has.Length.EqualTo(Bytes));
        Assert.That((await shelf.ListAsync("v1")).Single().Identifier, Is.EqualTo("topic-1.0.0"));

        var requests = server.Requests;
        Assert.That((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder, Is.EqualTo(item.Folder));
        Assert.That(server.Requests, Is.EqualTo(requests), "Nothing is asked for what is in the cache.");

        using var offline = Open(offline: true, location: address);
        Assert.That((await offline.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder, Is.EqualTo(item.Folder));
        Assert.That((await offline.ListAsync("v1")).Single().Identifier, Is.EqualTo("topic-1.0.0"));
        Assert.That(() => offline.FetchAsync("topic-2.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("not in the cache"));
        Assert.That(server.Requests, Is.EqualTo(requests));
        Assert.That(Directory.GetFiles(folder["cache"], "*", SearchOption.AllDirectories).Where(file => file.Contains(".part", StringComparison.Ordinal) || file.Contains(".tmp", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task ADownloadThatIsCutGoesOnWhereItWas()
    {
        var watch = new Watch();
        using var shelf = Open();
        server.NextEndsAfter(100_000, watch.Has(100_000)).NextEndsAfter(200_000, watch.Has(300_000)).NextEndsAfter(1, watch.Has(300_001));

        var item = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1", progress: watch);

        Assert.That(ShelfParts.Content(item.Folder), Is.EqualTo(content));
        Assert.That(server.Archives.Select(request => request.Range), Is.EqualTo(new[] { null, "bytes=100000-", "bytes=300000-", "bytes=300001-" }));
        Assert.That(server.Archives.Skip(1).Select(request => request.IfRange), Has.All.StartsWith("\""), "With the validator, lest two versions are mixed.");
        Assert.That(watch.Last.Bytes, Is.EqualTo(watch.Last.Total));
    }

    [Test]
    public async Task AServerWithoutRangesBeginsAgain()
    {
        var watch = new Watch();
        using var shelf = Open();
        server.NextEndsAfter(100_000, watch.Has(100_000)).Next((context, next) =>
        {
            context.Request.Headers.Range = default;
            return next(context);
        });
        var item = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1", progress: watch);
        Assert.That(ShelfParts.Content(item.Folder), Is.EqualTo(content));
    }

    [Test]
    public async Task WhatAStoppedFetchLeftIsNotMixedWithALaterVersion()
    {
        var watch = new Watch();
        using var stop = new CancellationTokenSource();
        using var shelf = Open();
        server.NextEndsAfter(100_000, watch.Has(100_000), silent: true);
        var stopped = shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1", progress: watch, cancellation: stop.Token);
        await watch.Has(100_000);
        await stop.CancelAsync();
        Assert.That(() => stopped, Throws.InstanceOf<OperationCanceledException>());

        Directory.Delete(folder["shelf/v1"], recursive: true);
        var other = ShelfParts.Item(folder, bytes: Bytes + 1);
        using (var local = new Shelf(folder["shelf"]))
        {
            await local.PublishAsync([other], "v1");
        }
        var item = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");

        Assert.That(server.Archives[^1].Range, Is.EqualTo("bytes=100000-"));
        Assert.That(ShelfParts.Content(item.Folder), Is.EqualTo(ShelfParts.Content(other)));
    }

    [Test]
    public async Task AStalledConnectionIsGivenUpAndGoneOnWith()
    {
        var watch = new Watch();
        using var shelf = Open(stall: TimeSpan.FromMilliseconds(400));
        server.Next((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default))
            .NextEndsAfter(100_000, watch.Has(100_000), silent: true);
        var item = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1", progress: watch);
        Assert.That(ShelfParts.Content(item.Folder), Is.EqualTo(content));
        Assert.That(server.Archives.Select(request => request.Range), Is.EqualTo(new[] { null, null, "bytes=100000-" }));
    }

    [Test]
    public async Task RetryAfterIsHonoured()
    {
        using var shelf = Open();
        server.NextAnswers(StatusCodes.Status429TooManyRequests, "1").NextAnswers(StatusCodes.Status503ServiceUnavailable, "1");
        await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        Assert.That(server.Archives.Zip(server.Archives.Skip(1), (first, second) => second.At - first.At), Has.All.GreaterThan(TimeSpan.FromSeconds(0.9)));
    }

    [TestCase(429, "3600", 1, "429")]           // not for as long as that
    [TestCase(403, null, 1, "credentials")]
    [TestCase(500, null, 3, "500")]
    [TestCase(503, null, 3, "503")]
    public void WhatDoesNotPassIsSaid(int status, string? retryAfter, int attempts, string expected)
    {
        using var shelf = Open(retries: 2);
        for (var i = 0; i < 10; i++)
        {
            server.NextAnswers(status, retryAfter);
        }
        Assert.That(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<ShelfException>().With.Message.Contains(expected).And.Message.Contains(server.Url));
        Assert.That(server.Archives, Has.Length.EqualTo(attempts));
    }

    [Test]
    public async Task AnErrorOfTheServerThatPassesIsNotSeen()
    {
        using var shelf = Open();
        server.NextAnswers(500).NextAnswers(502).NextAnswers(408);
        Assert.That(ShelfParts.Content((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder), Is.EqualTo(content));
    }

    [Test]
    public async Task ARedirectionIsFollowed()
    {
        using var shelf = Open();
        server.Next((context, _) =>
        {
            context.Response.Redirect($"{context.Request.Path}?elsewhere");
            return Task.CompletedTask;
        });
        Assert.That(ShelfParts.Content((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder), Is.EqualTo(content));
    }

    [Test]
    public void WhatIsNotThereIsNamedWithWhatIs()
    {
        using var shelf = Open();
        Assert.That(() => shelf.FetchAsync("tpoic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("'tpoic-1.0.0'").And.Message.Contains("'topic-1.0.0'"));
        Assert.That(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v2"), Throws.TypeOf<ShelfException>().With.Message.Contains("v2/tower/topic-1.0.0.tar.gz"));
        Assert.That(() => shelf.ListAsync("v2"), Throws.TypeOf<ShelfException>().With.Message.Contains("no index at").And.Message.Contains("v2/index/index.json"));
    }

    [Test]
    public async Task WithoutAnIndexItemsAreFetchedByTheirNames()
    {
        File.Delete(folder["shelf/v1/index/index.json"]);
        using var shelf = Open();
        Assert.That(ShelfParts.Content((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder), Is.EqualTo(content));
    }

    static IEnumerable<TestCaseData> Lies()
    {
        static TestCaseData Lie(string name, string expected, Action<HttpShelfTests, string> tell) => new TestCaseData(expected, tell).SetArgDisplayNames(name);

        yield return Lie("another archive", "the shelf's index lists", (test, archive) =>
        {
            var other = test.folder["other.tar.gz"];
            ItemArchive.Pack(ShelfParts.Item(test.folder, bytes: 10), other);
            File.Move(other, archive, overwrite: true);
        });
        yield return Lie("more than the index lists", "more than the", (_, archive) => File.AppendAllText(archive, "x"));
        yield return Lie("a flipped bit", "the shelf's index lists", (_, archive) =>
        {
            var bytes = File.ReadAllBytes(archive);
            bytes[^100] ^= 1;
            File.WriteAllBytes(archive, bytes);
        });
        yield return Lie("a page, without an index", "no gzip file", (test, archive) =>
        {
            File.Delete(test.folder["shelf/v1/index/index.json"]);
            File.WriteAllText(archive, "<!doctype html><title>Sign in</title>");
        });
        yield return Lie("another item, without an index", "holds the tower 'other-1.0.0'", (test, archive) =>
        {
            File.Delete(test.folder["shelf/v1/index/index.json"]);
            File.Delete(archive);
            ItemArchive.Pack(ShelfParts.Item(test.folder, "other"), archive);
        });
        yield return Lie("a damaged index", "index can not be read", (test, _) => File.WriteAllText(test.folder["shelf/v1/index/index.json"], "{}"));
    }

    [TestCaseSource(nameof(Lies))]
    public async Task WhatIsNotTheItemIsRefusedAndNothingIsKept(string expected, Action<HttpShelfTests, string> tell)
    {
        var archive = folder["shelf/v1/tower/topic-1.0.0.tar.gz"];
        var before = (Archive: File.ReadAllBytes(archive), Index: File.ReadAllText(folder["shelf/v1/index/index.json"]));
        tell(this, archive);
        using var shelf = Open();
        Assert.That(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
        Assert.That(Directory.GetFiles(folder["cache"], "*", SearchOption.AllDirectories).Select(Path.GetFileName), Is.SubsetOf(new[] { "index.json", ".topic-1.0.0.lock" }));

        File.WriteAllBytes(archive, before.Archive);
        File.WriteAllText(folder["shelf/v1/index/index.json"], before.Index);
        Assert.That(ShelfParts.Content((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder), Is.EqualTo(content), "and it can be fetched when it is right again");
    }

    [Test]
    public void AnIndexCanNotLiftTheLimit()
    {
        var index = folder["shelf/v1/index/index.json"];
        File.WriteAllText(index, Regex.Replace(File.ReadAllText(index), "\"size\": [0-9]+", $"\"size\": {long.MaxValue}"));
        var options = ShelfParts.Options(server.Url, folder["cache"]);
        options.Limits = new() { MaxBytes = 999 };
        using var shelf = new Shelf(options);
        Assert.That(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("more than the 999 bytes that it may have"));
    }

    [Test]
    public async Task AServerThatCanNotBeReachedIsNamed()
    {
        var url = server.Url;
        await server.DisposeAsync();
        using var shelf = Open(retries: 1, location: url);
        Assert.That(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("can not be reached").And.Message.Contains(url));
    }

    Shelf Open(bool offline = false, int retries = 5, TimeSpan? stall = null, string? location = null)
    {
        var options = ShelfParts.Options(location ?? server.Url, folder["cache"]);
        (options.Offline, options.Retries, options.StallTimeout) = (offline, retries, stall ?? options.StallTimeout);
        return new(options);
    }

    /// <summary>Knows when bytes have arrived.</summary>
    sealed class Watch : IProgress<ShelfProgress>
    {
        readonly List<(long Bytes, TaskCompletionSource Arrived)> waiting = [];

        public ShelfProgress Last { get; private set; } = new("", 0, null);

        public Task Has(long bytes)
        {
            lock (waiting)
            {
                var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Add((bytes, arrived));
                return Last.Bytes >= bytes ? Task.CompletedTask : arrived.Task;
            }
        }

        public void Report(ShelfProgress value)
        {
            lock (waiting)
            {
                Last = value;
                waiting.Where(one => value.Bytes >= one.Bytes).ToList().ForEach(one => one.Arrived.TrySetResult());
            }
        }
    }
}
