using System.Security.Cryptography;
using Cclm.Training.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>A file is read again when its size or time says that it may have changed, or when it is too new for its time to say so.</summary>
public sealed class FileHashesTests
{
    static readonly DateTime LongAgo = new(2020, 2, 2, 2, 2, 2, DateTimeKind.Utc);

    [TestCase("as it was", "aaaa", 0, true)]
    [TestCase("other content of the same size and time", "bbbb", 0, true)]
    [TestCase("other content at another time", "bbbb", 1, false)]
    [TestCase("other content of another size", "bbb", 0, false)]
    public void ASettledFileIsTakenForTheSameBySizeAndTime(string name, string content, int secondsLater, bool taken)
    {
        using var folder = new TempFolder();
        var before = Remembered(folder, "aaaa", LongAgo);
        folder.Write("file", content);
        File.SetLastWriteTimeUtc(folder["file"], LongAgo.AddSeconds(secondsLater));
        Assert.That(Open(folder, trust: true).Of(folder["file"]), Is.EqualTo(taken ? before : Sha(content)), name);
        Assert.That(Open(folder, trust: false).Of(folder["file"]), Is.EqualTo(Sha(content)), "Asked to read again, it reads.");
    }

    [Test]
    public void AFileThatWasJustWrittenIsNotRemembered()
    {
        using var folder = new TempFolder();
        var now = DateTime.UtcNow.AddHours(1);
        Remembered(folder, "aaaa", now);
        folder.Write("file", "bbbb");
        File.SetLastWriteTimeUtc(folder["file"], now);
        Assert.That(Open(folder, trust: true).Of(folder["file"]), Is.EqualTo(Sha("bbbb")));
    }

    [Test]
    public void WhatIsRememberedCanBeLostOrDamaged()
    {
        using var folder = new TempFolder();
        Remembered(folder, "aaaa", LongAgo);
        folder.Write("hashes", "{ damaged");
        Assert.That(Open(folder, trust: true).Of(folder["file"]), Is.EqualTo(Sha("aaaa")));
        Assert.That(Open(folder, trust: true).Of(folder["none"]), Is.Null);
    }

    static string Remembered(TempFolder folder, string content, DateTime written)
    {
        folder.Write("file", content);
        File.SetLastWriteTimeUtc(folder["file"], written);
        var hashes = Open(folder, trust: true);
        var hash = hashes.Of(folder["file"]);
        hashes.Save();
        return hash!;
    }

    static FileHashes Open(TempFolder folder, bool trust) => new(folder["hashes"], trust, default);

    static string Sha(string content) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));
}
