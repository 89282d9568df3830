using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

[Parallelizable]
public sealed class ArchiveTests : TorchFixture
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void TheSameContentGivesTheSameBytes()
    {
        var item = ShelfParts.Item(folder);
        ItemArchive.Pack(item, folder["a.tar.gz"]);
        foreach (var file in Directory.GetFiles(item).Reverse())
        {
            var content = File.ReadAllBytes(file);
            File.Delete(file);
            File.WriteAllBytes(file, content);
            File.SetLastWriteTimeUtc(file, new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        }
        ItemArchive.Pack(item, folder["b.tar.gz"]);
        Assert.That(File.ReadAllBytes(folder["b.tar.gz"]), Is.EqualTo(File.ReadAllBytes(folder["a.tar.gz"])));

        ItemArchive.Unpack(folder["a.tar.gz"], folder["out"]);
        Assert.That(ShelfParts.Content(folder["out"]), Is.EqualTo(ShelfParts.Content(item)));
    }

    [TestCase("tar", "-czf")]
    [TestCase("tar", "--format=pax", "-czf")]
    [TestCase("tar", "--format=v7", "-czf")]
    [Platform("Linux,MacOsX")]
    public void WhatTarPacksIsUnpackedAndTarUnpacksWhatIsPacked(string program, params string[] options)
    {
        var item = ShelfParts.Item(folder);
        Directory.CreateDirectory(Path.Combine(item, "inner", "folder"));
        File.WriteAllText(Path.Combine(item, "inner", "folder", "file.txt"), "text");
        Run(program, [.. options, folder["theirs.tar.gz"], "-C", item, "."]);
        ItemArchive.Unpack(folder["theirs.tar.gz"], folder["out"]);
        Assert.That(ShelfParts.Content(folder["out"]), Is.EqualTo(ShelfParts.Content(item)));

        ItemArchive.Pack(item, folder["ours.tar.gz"]);
        Directory.CreateDirectory(folder["their-out"]);
        Run(program, ["-xzf", folder["ours.tar.gz"], "-C", folder["their-out"]]);
        Assert.That(ShelfParts.Content(folder["their-out"]), Is.EqualTo(ShelfParts.Content(item)));
    }

    static IEnumerable<TestCaseData> HostileEntries()
    {
        static TestCaseData Case(string name, string expected, params TarEntry[] entries) => new TestCaseData(expected, entries).SetArgDisplayNames(name);
        static TarEntry File(string name, string text = "x") => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };
        static TarEntry Folder(string name) => new UstarTarEntry(TarEntryType.Directory, name);
        static TarEntry Link(TarEntryType type, string name, string target) => new UstarTarEntry(type, name) { LinkName = target };

        yield return Case("up", "plain relative path", File("../up"));
        yield return Case("up from inside", "plain relative path", File("a/../../up"));
        yield return Case("a dot", "plain relative path", File("a/./b"));
        yield return Case("hidden", "plain relative path", File(".bashrc"));
        yield return Case("absolute", "plain relative path", File("/tmp/cclm-hostile"));
        yield return Case("a drive", "plain relative path", File("c:/x"));
        yield return Case("a stream of a file", "plain relative path", File("x:y"));
        yield return Case("backslashes", "plain relative path", File("..\\up"));
        yield return Case("a line break", "plain relative path", File("a\nb"));
        yield return Case("no ASCII", "plain relative path", File("\u202etxt.exe"));
        yield return Case("a dot at the end", "plain relative path", File("x."));
        yield return Case("a space at the end", "plain relative path", File("x "));
        yield return Case("a symbolic link", "type '2'", Link(TarEntryType.SymbolicLink, "x", "/etc/passwd"), File("x/y"));
        yield return Case("a hard link", "type '1'", File("x"), Link(TarEntryType.HardLink, "y", "x"));
        yield return Case("a character device", "type '3'", new UstarTarEntry(TarEntryType.CharacterDevice, "null"));
        yield return Case("a block device", "type '4'", new UstarTarEntry(TarEntryType.BlockDevice, "sda"));
        yield return Case("a pipe", "type '6'", new UstarTarEntry(TarEntryType.Fifo, "pipe"));
        yield return Case("a global header", "type 'g'", new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = "x" }));
        yield return Case("a size in an extended header", "extended header", new PaxTarEntry(TarEntryType.RegularFile, "x", new Dictionary<string, string> { ["GNU.sparse.major"] = "1" }));
        yield return Case("a long extended header", "type 'x'", new PaxTarEntry(TarEntryType.RegularFile, "x", new Dictionary<string, string> { ["comment"] = new('x', 5000) }));
        yield return Case("a path in an extended header", "plain relative path", new PaxTarEntry(TarEntryType.RegularFile, $"../{new string('x', 120)}"));
        yield return Case("twice", "there already", File("x"), File("x", "y"));
        yield return Case("another case", "there already", File("readme.md"), File("README.md"));
        yield return Case("a folder in another case", "case alone", File("inner/a"), File("Inner/b"));
        yield return Case("a file for a folder", "what is a file", File("x"), File("x/y"));
        yield return Case("a folder for a file", "there already", File("x/y"), File("x"));
        yield return Case("a folder that is a file", "there as a file", File("x"), Folder("x"));
        yield return Case("a device of Windows", "device on Windows", File("inner/NUL.txt"));
        yield return Case("a serial port of Windows", "device on Windows", File("com1"));
    }

    [TestCaseSource(nameof(HostileEntries))]
    public void AHostileEntryIsRefusedAndNothingIsKept(string expected, TarEntry[] entries)
    {
        using (var gzip = new GZipStream(File.Create(folder["bad.tar.gz"]), CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var entry in entries)
            {
                if (entry.DataStream is { } data)
                {
                    data.Position = 0;
                }
                tar.WriteEntry(entry);
            }
        }
        AssertRefused("bad.tar.gz", expected);
        Assert.That(File.Exists("/tmp/cclm-hostile"), Is.False);
    }

    static IEnumerable<TestCaseData> Damages()
    {
        static TestCaseData Case(string name, string expected, Func<byte[], byte[]> damage) => new TestCaseData(expected, damage).SetArgDisplayNames(name);

        yield return Case("empty", "no gzip file", _ => []);
        yield return Case("another file", "no gzip file", _ => "<!doctype html>"u8.ToArray());
        yield return Case("a pointer of Git LFS", "Git LFS pointer", _ => "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"u8.ToArray());
        yield return Case("one byte short", "cut short", bytes => bytes[..^1]);
        yield return Case("half", "cut short", bytes => bytes[..(bytes.Length / 2)]);
        yield return Case("a byte more", "follows its end", bytes => [.. bytes, 1]);
        yield return Case("text behind it", "follows its end", bytes => [.. bytes, .. "some more text"u8]);
        yield return Case("another archive behind it", "behind its end", bytes => [.. bytes, .. bytes]);
        yield return Case("a wrong checksum of gzip", "refused", bytes => [.. bytes[..^6], (byte)(bytes[^6] ^ 1), .. bytes[^5..]]);
        yield return Case("no end", "cut short", bytes => Gzip(Gunzip(bytes)[..^1024]));
        yield return Case("an end in a file", "cut short", bytes => Gzip(Gunzip(bytes)[..700]));
        yield return Case("something behind the end", "behind its end", bytes => Gzip([.. Gunzip(bytes), .. "more"u8]));
        yield return Case("a wrong checksum of tar", "checksum", bytes => Edit(bytes, tar => tar[0] ^= 1));
        yield return Case("a size that is no number", "octal", bytes => Edit(bytes, tar => tar[130] = (byte)'9', rightly: true));
        yield return Case("a size in base 256", "octal", bytes => Edit(bytes, tar => tar[124] = 0x80, rightly: true));
        yield return Case("a size beyond the end", "refused", bytes => Edit(bytes, tar => "77777777777"u8.CopyTo(tar.AsSpan(124)), rightly: true));
    }

    [TestCaseSource(nameof(Damages))]
    public void ADamagedArchiveIsRefusedAndNothingIsKept(string expected, Func<byte[], byte[]> damage)
    {
        ItemArchive.Pack(ShelfParts.Item(folder), folder["good.tar.gz"]);
        File.WriteAllBytes(folder["bad.tar.gz"], damage(File.ReadAllBytes(folder["good.tar.gz"])));
        AssertRefused("bad.tar.gz", expected);
    }

    [Test]
    public void ABombIsRefusedByRatioSizeAndCount()
    {
        using (var gzip = new GZipStream(File.Create(folder["zeros.tar.gz"]), CompressionLevel.SmallestSize))
        using (var tar = new TarWriter(gzip))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = new MemoryStream(new byte[40 << 20]) });
        }
        AssertRefused("zeros.tar.gz", "ratio of 100");
        AssertRefused("zeros.tar.gz", "more than the 1,000,000 bytes", new() { MaxBytes = 1_000_000 });
        ItemArchive.Unpack(folder["zeros.tar.gz"], folder["zeros"], new() { MaxRatio = 10_000 });
        Assert.That(new FileInfo(folder["zeros/zeros"]).Length, Is.EqualTo(40 << 20), "The limits are what refuses it.");

        ItemArchive.Pack(ShelfParts.Item(folder), folder["four.tar.gz"]);
        AssertRefused("four.tar.gz", "more than the 3 entries", new() { MaxEntries = 3 });
    }

    [Test]
    public void AHeaderThatClaimsMuchCostsNoMemory()
    {
        using (var gzip = new GZipStream(File.Create(folder["long.tar.gz"]), CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "x", new Dictionary<string, string> { ["comment"] = new('x', 5000) }));
        }
        File.WriteAllBytes(folder["long.tar.gz"], Edit(File.ReadAllBytes(folder["long.tar.gz"]), tar => "17777777777"u8.CopyTo(tar.AsSpan(124)), rightly: true));     // 2 GB of extended header
        AssertRefused("long.tar.gz", "type 'x' and 2147483647 bytes");      // all code is compiled now
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused("long.tar.gz", "type 'x' and 2147483647 bytes");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    void AssertRefused(string archive, string expected, ArchiveLimits? limits = null)
    {
        var before = ShelfParts.Content(folder.Path);
        Assert.That(() => ItemArchive.Unpack(folder[archive], folder["out"], limits),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected).And.Message.StartsWith($"'{folder[archive]}' is refused: "));
        Assert.That(Directory.Exists(folder["out"]), Is.False);
        Assert.That(ShelfParts.Content(folder.Path), Is.EqualTo(before));
    }

    static byte[] Edit(byte[] archive, Action<byte[]> edit, bool rightly = false)
    {
        var tar = Gunzip(archive);
        edit(tar);
        if (rightly)
        {
            Checksum(tar);
        }
        return Gzip(tar);
    }

    /// <summary>The sum of a header's bytes, its own field being spaces (POSIX pax, "ustar Interchange Format").</summary>
    static void Checksum(byte[] tar)
    {
        tar.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes($"{Convert.ToString(tar.Take(512).Sum(value => value), 8).PadLeft(6, '0')}\0").CopyTo(tar, 148);
    }

    static byte[] Gunzip(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }

    static void Run(string program, string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }
}
