using System.Runtime.Versioning;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

/// <summary>Shelves in bare git repositories with Git LFS, over file and over HTTP.</summary>
[NonParallelizable]
public sealed class GitShelfTests
{
    static readonly (string Name, string Value)[] Committer =
        [("GIT_AUTHOR_NAME", "Tester"), ("GIT_AUTHOR_EMAIL", "tester@localhost"), ("GIT_COMMITTER_NAME", "Tester"), ("GIT_COMMITTER_EMAIL", "tester@localhost"), ("GIT_CONFIG_NOSYSTEM", "1")];

    TempFolder folder = null!;
    string repository = null!;
    string? home;

    [OneTimeSetUp]
    public void NameACommitter() => Array.ForEach(Committer, pair => Environment.SetEnvironmentVariable(pair.Name, pair.Value));

    [OneTimeTearDown]
    public void ForgetTheCommitter() => Array.ForEach(Committer, pair => Environment.SetEnvironmentVariable(pair.Name, null));

    [SetUp]
    public void MakeRepository()
    {
        folder = new();
        home = Environment.GetEnvironmentVariable("HOME");
        Environment.SetEnvironmentVariable("HOME", Directory.CreateDirectory(folder["home"]).FullName);      // nobody's own configuration
        repository = GitHost.MakeRepository(folder);
    }

    [TearDown]
    public void DeleteFolder()
    {
        Environment.SetEnvironmentVariable("HOME", home);
        folder.Dispose();
    }

    [Test]
    public async Task OverFile() => await PublishesAndFetches(new Uri(repository).AbsoluteUri);

    [Test]
    public async Task OverAPath() => await PublishesAndFetches(repository);

    [Test]
    public async Task OverHttp()
    {
        await using var server = await FileServer.StartAsync(folder.Path, GitHost.Serve(Path.GetDirectoryName(repository)!));
        await PublishesAndFetches($"{server.Url}/models.git");
        Assert.That(Directory.GetFiles(folder["git/lfs"]), Has.Length.EqualTo(3), "The archives are in Git LFS.");
    }

    async Task PublishesAndFetches(string address)
    {
        using var shelf = Open($"git+{address}");
        var (first, second) = (ShelfParts.Item(folder, bytes: 70_000), ShelfParts.Item(folder, "base", kind: ComponentKind.Embedder));
        await shelf.PublishAsync([first, second], "v1");
        await shelf.PublishAsync([ShelfParts.Item(folder, version: "2.0.0")], "v2");

        Assert.That(GitHost.Run(repository, "show", "v1:tower/topic-1.0.0.tar.gz"), Does.StartWith("version https://git-lfs.github.com/spec/v1"), "git itself holds a pointer.");
        Assert.That((await shelf.ListAsync("v1")).Select(entry => entry.Identifier), Is.EqualTo(new[] { "base-1.0.0", "topic-1.0.0" }));
        Assert.That((await shelf.ListAsync("v2")).Select(entry => entry.Identifier), Is.EqualTo(new[] { "base-1.0.0", "topic-1.0.0", "topic-2.0.0" }), "A tag has what was published before.");
        Assert.That((await shelf.ListAsync("main")), Has.Count.EqualTo(3), "A branch is a tag that moves.");
        foreach (var tag in (string[])["v1", "v2"])
        {
            Assert.That(ShelfParts.Content((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, tag)).Folder), Is.EqualTo(ShelfParts.Content(first)));
        }
        Assert.That((await shelf.VerifyAsync("v2")).Select(result => result.Problem), Is.All.Null);
        Assert.That(() => shelf.PublishAsync([ShelfParts.Item(folder, "late")], "v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("has the tag 'v1' already"));
        Assert.That(() => shelf.PublishAsync([ShelfParts.Item(folder, bytes: 3)], "v3"), Throws.TypeOf<ShelfException>().With.Message.Contains("with other content"));
        Assert.That(GitHost.Run(repository, "tag"), Is.EqualTo("v1\nv2"));
        Assert.That(() => shelf.FetchAsync("late-1.0.0", ComponentKind.Tower, "v2"), Throws.TypeOf<ShelfException>().With.Message.Contains("no tower 'late-1.0.0'").And.Message.Contains("'topic-2.0.0'"));
        Assert.That(() => shelf.FetchAsync("late-1.0.0", ComponentKind.Tower, "v9"), Throws.TypeOf<ShelfException>().With.Message.Contains("v9"));
    }

    [Test]
    public async Task AFileThatIsInGitItselfIsFetchedToo()
    {
        Commit("v1", clone => ItemArchive.Pack(ShelfParts.Item(folder), Path.Combine(clone, "tower/topic-1.0.0.tar.gz")));
        using var shelf = Open($"git+{repository}");
        Assert.That((await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1")).Component.Identifier, Is.EqualTo("topic-1.0.0"));
        Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("no index"));
        using var narrow = Open($"git+{repository}", maxBytes: 99);
        Assert.That(() => narrow.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1", folder["other cache"]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("more than the 99 bytes"));
    }

    [Test]
    public async Task APointerToMoreThanIsTakenIsNotFollowed()
    {
        using var shelf = Open($"git+{repository}", maxBytes: 999);
        await shelf.PublishAsync([ShelfParts.Item(folder)], "v1");
        Directory.Delete(Path.Combine(repository, "lfs"), recursive: true);     // whoever follows it finds nothing
        Assert.That(() => shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("more than the 999 bytes"));
    }

    [Test]
    public async Task WhatWasPublishedStaysWithoutAnIndexToo()
    {
        using var shelf = Open($"git+{repository}");
        var item = ShelfParts.Item(folder);
        await shelf.PublishAsync([item], "v1");
        Commit("main", clone => Directory.Delete(Path.Combine(clone, "index"), recursive: true));
        Assert.That(() => shelf.PublishAsync([ShelfParts.Item(folder, bytes: 7)], "v2"), Throws.TypeOf<ShelfException>().With.Message.Contains("with other content"));
        await shelf.PublishAsync([item], "v2");
        Assert.That(await shelf.ListAsync("v2"), Is.EqualTo(await shelf.ListAsync("v1")).Using<ShelfEntry>((one, other) => one.Sha256 == other.Sha256));
    }

    [TestCase("tower")]
    [TestCase("index")]
    [Platform("Linux,MacOsX")]
    public void ALinkInTheRepositoryLeadsNowhere(string name)
    {
        var outside = Directory.CreateDirectory(folder["outside"]).FullName;
        Commit("main", clone => Directory.CreateSymbolicLink(Path.Combine(clone, name), outside));
        using var shelf = Open($"git+{repository}");
        Assert.That(() => shelf.PublishAsync([ShelfParts.Item(folder)], "v1"), Throws.InstanceOf<IOException>());
        Assert.That(Directory.GetFileSystemEntries(outside), Is.Empty);
        Assert.That(GitHost.Run(repository, "tag"), Is.Empty);
    }

    [Test]
    public void ARepositoryThatIsNotThereIsNamed()
    {
        using var shelf = Open($"git+{folder["nowhere.git"]}");
        Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("nowhere.git"));
    }

    [Test]
    public void ACommandForATransportIsRefused()
    {
        using var shelf = Open("git+ext::sh -c touch% /tmp/cclm-hostile");
        Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<ShelfException>().With.Message.Contains("not allowed"));
        Assert.That(File.Exists("/tmp/cclm-hostile"), Is.False);
    }

    [TestCase("git", "git can not be started")]
    [TestCase("git-lfs", "git-lfs is not installed")]
    [Platform("Linux,MacOsX"), UnsupportedOSPlatform("windows")]
    public void AMissingProgramIsNamed(string missing, string expected)
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            var programs = Directory.CreateDirectory(folder["bin"]).FullName;
            if (missing != "git")
            {
                File.WriteAllText(folder["bin/git"], "#!/bin/sh\n[ \"$1\" = version ]\n");
                File.SetUnixFileMode(folder["bin/git"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
            Environment.SetEnvironmentVariable("PATH", programs);
            using var shelf = Open($"git+{repository}");
            Assert.That(() => shelf.ListAsync("v1"), Throws.TypeOf<ShelfException>().With.Message.Contains(expected));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Test]
    public async Task NothingIsLeftBehind()
    {
        using var shelf = Open($"git+{repository}");
        var before = Left();
        await shelf.PublishAsync([ShelfParts.Item(folder)], "v1");
        await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        Assert.That(Left().Except(before), Is.Empty);

        static string[] Left() => Directory.GetDirectories(Path.GetTempPath(), "cclm-shelf-*");
    }

    /// <summary>Changes the repository past the shelf, without Git LFS.</summary>
    void Commit(string reference, Action<string> change)
    {
        var clone = Directory.CreateDirectory(folder["clone"]).FullName;
        GitHost.Run(clone, "clone", "--quiet", repository, ".");
        change(clone);
        GitHost.Run(clone, "add", "--all");
        GitHost.Run(clone, "commit", "--quiet", "--message", "By hand");
        GitHost.Run(clone, "push", "--quiet", "origin", reference == "main" ? "HEAD:refs/heads/main" : $"HEAD:refs/tags/{reference}");
    }

    Shelf Open(string location, long? maxBytes = null)
    {
        var options = ShelfParts.Options(location, folder["cache"]);
        options.Limits = new() { MaxBytes = maxBytes ?? options.Limits.MaxBytes };
        return new(options);
    }
}
