using NUnit.Framework;

namespace Cclm.Tests;

public sealed class AtomicFileTests
{
    [Test]
    public void WhatWasThereStaysWhenWritingFails()
    {
        using var folder = new TempFolder();
        folder.Write("file", "before");
        Assert.That(() => AtomicFile.Write(folder["file"], stream =>
        {
            stream.WriteByte(1);
            throw new IOException("full");
        }), Throws.TypeOf<IOException>());
        Assert.That(File.ReadAllText(folder["file"]), Is.EqualTo("before"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform("Linux")]
    public void AFileInSharedMemoryIsAFileAndADeviceIsADevice()
    {
        var file = $"/dev/shm/cclm-{Guid.NewGuid():N}";
        try
        {
            AtomicFile.Write(file, "a longer text");
            AtomicFile.Write(file, "short");
            Assert.That(File.ReadAllText(file), Is.EqualTo("short"));
        }
        finally
        {
            File.Delete(file);
        }
        Assert.That(() => AtomicFile.Write("/dev/full", "text"), Throws.InstanceOf<IOException>());
        AtomicFile.Write("/dev/null", "text");
        Assert.That(File.GetAttributes("/dev/null").HasFlag(FileAttributes.Directory), Is.False, "The device is still there.");
    }

    /// <summary>Nobody, not even root, makes files in <c>/sys</c>.</summary>
    [Test]
    [Platform("Linux")]
    public void AFolderThatCanNotBeWrittenToIsToldByTheNamesThatWereGiven()
    {
        foreach (var (write, name) in ((Action, string)[])
            [(() => AtomicFile.Write("/sys/a.onnx", "text"), "'/sys/a.onnx'"),
             (() => FolderUpdate.Write("/sys", beside => AtomicFile.Write(Path.Combine(beside, "a.onnx"), "text")), "'/sys'")])
        {
            Assert.That(() => write(), Throws.Exception.With.Message.Contains(name).And.Message.Not.Contains(".tmp"));
        }
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["b/a.onnx"]);
        Assert.That(() => AtomicFile.Write(folder["b/a.onnx"], "text"), Throws.Exception.With.Message.Not.Contains(".tmp"));
        Assert.That(() => FolderUpdate.Write(folder.Path, beside => throw new IOException($"no room for '{beside}/towers/a.onnx'")), Throws.TypeOf<IOException>().With.Message.Contains($"'{folder["towers/a.onnx"]}'"));
    }

    [Test]
    public void SeveralFilesChangeTogetherOrNotAtAll()
    {
        using var folder = new TempFolder();
        folder.Write("a", "before");
        Assert.That(() => FolderUpdate.Write(folder.Path, beside =>
        {
            File.WriteAllText(Path.Combine(beside, "a"), "after");
            throw new IOException("full");
        }), Throws.TypeOf<IOException>());
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("before"));
        FolderUpdate.Write(folder.Path, beside =>
        {
            File.WriteAllText(Path.Combine(beside, "a"), "after");
            Directory.CreateDirectory(Path.Combine(beside, "b"));
            File.WriteAllText(Path.Combine(beside, "b", "c"), "new");
        });
        Assert.That((File.ReadAllText(folder["a"]), File.ReadAllText(folder["b/c"])), Is.EqualTo(("after", "new")));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(2));
    }
}
