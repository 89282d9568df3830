using Cclm.Inference;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

[Parallelizable]
public sealed class FolderShelfTests : TorchFixture
{
    TempFolder folder = null!;
    Shelf shelf = null!;

    [SetUp]
    public void MakeFolder()
    {
        folder = new();
        shelf = new(ShelfParts.Options(folder["shelf"], folder["cache"]));
    }

    [TearDown]
    public void DeleteFolder()
    {
        shelf.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task WhatIsPublishedIsListedFetchedAndWhole()
    {
        var items = (string[])[ShelfParts.Item(folder), ShelfParts.Item(folder, "base", kind: ComponentKind.Embedder), ShelfParts.Item(folder, version: "1.0.1")];
        await shelf.PublishAsync(items, "v1");
        Assert.That((await shelf.ListAsync("v1")).Select(entry => $"{entry.Kind} {entry.Identifier}"), Is.EqualTo(new[] { "Embedder base-1.0.0", "Tower topic-1.0.0", "Tower topic-1.0.1" }));
        foreach (var (item, identifier, kind) in items.Zip(["topic-1.0.0", "base-1.0.0", "topic-1.0.1"], [ComponentKind.Tower, ComponentKind.Embedder, ComponentKind.Tower]))
        {
            Assert.That(ShelfParts.Content((await shelf.FetchAsync(identifier, kind, "v1")).Folder), Is.EqualTo(ShelfParts.Content(item)));
        }
        Assert.That((await shelf.VerifyAsync("v1")).Select(result => result.Problem), Is.All.Null);
    }

    [Test]
    public async Task WhatWasPublishedStays()
    {
        var item = ShelfParts.Item(folder);
        await shelf.PublishAsync([item], "v1");
        var before = ShelfParts.Content(folder["shelf"]);
        await shelf.PublishAsync([item], "v1");
        Assert.That(ShelfParts.Content(folder["shelf"]), Is.EqualTo(before));
        Assert.That(() => shelf.PublishAsync([ShelfParts.Item(folder, "new"), ShelfParts.Item(folder, bytes: 7)], "v1"),
            Throws.TypeOf<ShelfException>().With.Message.Contains("'topic-1.0.0' is on the shelf already").Or.Message.Contains("with other content"));
        Assert.That(ShelfParts.Content(folder["shelf"]), Is.EqualTo(before), "All or none.");
    }

    [Test]
    public async Task WhatWasPublishedStaysWithoutAnIndexToo()
    {
        var item = ShelfParts.Item(folder);
        await shelf.PublishAsync([item], "v1");
        var whole = ShelfParts.Content(folder["shelf"]);
        File.Delete(folder["shelf/v1/index/index.json"]);
        var before = ShelfParts.Content(folder["shelf"]);
        Assert.That(() => shelf.PublishAsync([ShelfParts.Item(folder, "new"), ShelfParts.Item(folder, bytes: 7)], "v1"),
            Throws.TypeOf<ShelfException>().With.Message.Contains("'topic-1.0.0' on the shelf already, with other content"));
        Assert.That(ShelfParts.Content(folder["shelf"]), Is.EqualTo(before));
        await shelf.PublishAsync([item], "v1");
        Assert.That(ShelfParts.Content(folder["shelf"]), Is.EqualTo(whole));
    }

    [Test]
    public async Task AVersionMayEndLikeAHelperFile()
    {
        string[] versions = ["1.0.0.tmp", "1.0.0.lock", "1.0.0.tar.gz.part", "1.0.0"];
        await shelf.PublishAsync([.. versions.Select(version => ShelfParts.Item(folder, version: version))], "v1");
        foreach (var version in versions)
        {
            await shelf.FetchAsync($"topic-{version}", ComponentKind.Tower, "v1");
        }
        using var offline = new Shelf(new ShelfOptions { Location = folder["shelf"], CacheDirectory = folder["cache"], Offline = true });
        foreach (var version in versions)
        {
            Assert.That((await offline.FetchAsync($"topic-{version}", ComponentKind.Tower, "v1")).Component.Version, Is.EqualTo(version));
        }
    }

    [Test]
    public async Task VerifyNamesWhatIsBroken()
    {
        await shelf.PublishAsync([ShelfParts.Item(folder), ShelfParts.Item(folder, "good"), ShelfParts.Item(folder, "gone")], "v1");
        var archive = folder["shelf/v1/tower/topic-1.0.0.tar.gz"];
        File.WriteAllBytes(archive, [.. File.ReadAllBytes(archive)[..^1], 7]);
        File.Delete(folder["shelf/v1/tower/gone-1.0.0.tar.gz"]);
        var problems = (await shelf.VerifyAsync("v1")).ToDictionary(result => result.Entry.Identifier, result => result.Problem);
        Assert.That(problems["topic-1.0.0"], Does.Contain("SHA-256"));
        Assert.That(problems["gone-1.0.0"], Does.Contain("no tower 'gone-1.0.0'"));
        Assert.That(problems["good-1.0.0"], Is.Null);
    }

    [Test]
    public async Task AnItemThatWasDamagedInTheCacheIsFetchedAgain()
    {
        await shelf.PublishAsync([ShelfParts.Item(folder)], "v1");
        var item = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        var content = ShelfParts.Content(item.Folder);
        File.WriteAllText(item.WeightsFile, "tOpic");
        using var offline = new Shelf(new ShelfOptions { Location = folder["shelf"], CacheDirectory = folder["cache"], Offline = true });
        Assert.That(() => offline.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("changed or damaged"));
        Assert.That(ShelfParts.Content((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Folder), Is.EqualTo(content));
    }

    [Test]
    public async Task ManyAtOnceGetTheSameItem()
    {
        await shelf.PublishAsync([ShelfParts.Item(folder, bytes: 300_000)], "v1");
        var items = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"))));
        Assert.That(items.Select(item => item.Folder).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task ManyPublishersAtOnceAreAllInTheIndex()
    {
        var items = Enumerable.Range(0, 8).Select(i => ShelfParts.Item(folder, $"t{i}")).ToArray();
        await Task.WhenAll(items.Select(item => Task.Run(() => shelf.PublishAsync([item], "v1"))));
        Assert.That((await shelf.ListAsync("v1")).Select(entry => entry.Identifier), Is.EqualTo(items.Select((_, i) => $"t{i}-1.0.0")));
    }

    [TestCase("../up", "v1")]
    [TestCase("-x", "v1")]
    [TestCase("a/b", "v1")]
    [TestCase("Topic", "v1")]
    [TestCase("con", "v1")]
    [TestCase("", "v1")]
    [TestCase("topic", "../up")]
    [TestCase("topic", "--upload-pack=x")]
    [TestCase("topic", "a/b")]
    [TestCase("topic", "a..b")]
    [TestCase("topic", "")]
    public void ANameThatCouldBeMoreThanANameIsRefused(string identifier, string tag)
    {
        Assert.That(() => shelf.FetchAsync(identifier, ComponentKind.Tower, tag), Throws.ArgumentException.With.Message.Contains("expected"));
        Assert.That(Directory.Exists(folder["cache"]), Is.False);
    }

    [TestCase("")]
    [TestCase("ftp://host/shelf")]
    [TestCase("git+")]
    [TestCase("git+--upload-pack=x")]
    [TestCase("https://host/{tag}/{filename}")]
    public void ALocationThatIsNoneIsRefused(string location) =>
        Assert.That(() => new Shelf(location), Throws.ArgumentException.With.Message.Contains("expected"));

    [Test]
    public void AMissingShelfOrTagIsNamed()
    {
        Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<ShelfException>().With.Message.Contains(folder["shelf"]));
        Directory.CreateDirectory(folder["shelf/v2/x"]);
        Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("'v1'").And.Message.Contains("'v2'"));
    }

    [Test]
    public async Task AContainerHasAShelfThatItsHttpClientCanBeSetFor()
    {
        await shelf.PublishAsync([ShelfParts.Item(folder)], "v1");
        await using var server = await FileServer.StartAsync(folder["shelf"]);
        server.Next((context, next) =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer secret" ? 429 : 403;     // once more, then the file
            return Task.CompletedTask;
        });
        var services = new ServiceCollection();
        services.AddCclmShelf(options => (options.Location, options.CacheDirectory, options.Backoff) = (server.Url, folder["cache"], TimeSpan.Zero))
            .ConfigureHttpClient(client => client.DefaultRequestHeaders.Authorization = new("Bearer", "secret"));
        await using var provider = services.BuildServiceProvider();
        var item = await provider.GetRequiredService<Shelf>().FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        Assert.That(item.Component.Identifier, Is.EqualTo("topic-1.0.0"));
        Assert.That(server.Archives, Has.Length.EqualTo(2));
    }

    [Test]
    public void OptionsThatCanNotBeStopTheHostAtItsStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddCclmShelf(_ => { });
        using var host = builder.Build();
        Assert.That(() => host.StartAsync(), Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Location is missing"));
    }
}
