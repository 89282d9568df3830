using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class ReferencePackTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("9.0.12/net9.0 10.0.3/net10.0", "10.0.3/net10.0")]
    [TestCase("10.0.9/net10.0 10.0.12/net10.0", "10.0.12/net10.0")]
    [TestCase("10.0.0-rc.1.25451.107/net10.0 10.0.0/net10.0 10.0.0-preview.7/net10.0", "10.0.0/net10.0")]
    [TestCase("10.0.0/net10.0 11.0.0-preview.1/net11.0", "11.0.0-preview.1/net11.0")]
    [TestCase("10.0.0/net9.0 10.0.0/net10.0", "10.0.0/net10.0")]
    [TestCase("odd/net10.0 10.0.0/net10.0", "10.0.0/net10.0")]
    public void TheNewestPackIsFound(string packs, string expected)
    {
        foreach (var pack in packs.Split(' '))
        {
            folder.Write(InPack("root", pack, "System.xml"), "<doc />");
        }

        Assert.That(ReferencePack.Find([folder["root"]]), Is.EqualTo(folder[InPack("root", expected, "")].TrimEnd('/')));
    }

    [Test]
    public void PacksWithoutDocumentationAndRootsWithoutPacksArePassedOver()
    {
        folder.Write(InPack("one", "11.0.0/net11.0", "System.dll"), "");
        folder.Write(InPack("two", "10.0.0/net10.0", "System.xml"), "<doc />");
        folder.Write(InPack("three", "12.0.0/net12.0", "System.xml"), "<doc />");

        Assert.That(ReferencePack.Find([folder["none"], folder["one"], folder["two"], folder["three"]]), Does.Contain($"{Path.DirectorySeparatorChar}two{Path.DirectorySeparatorChar}"));
    }

    [Test]
    public void WithoutAPackItSaysWhatToInstall() => Assert.That(() => ReferencePack.Find([folder["one"], folder["two"]]),
        Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains($"none of {folder["one"]}, {folder["two"]} has packs/Microsoft.NETCore.App.Ref")
            .And.Message.Contains("apt-get install dotnet-sdk-10.0").And.Message.Contains("--corpus FILE"));

    [Test]
    public void TheRunningRuntimesFolderIsSearched()
    {
        string[] roots = [.. ReferencePack.Roots()];

        Assert.That(roots, Is.Unique);
        Assert.That(roots.Where(root => !Path.IsPathFullyQualified(root)), Is.Empty);
        Assert.That(roots.Where(root => typeof(object).Assembly.Location.StartsWith(Path.Combine(root, "shared"), StringComparison.Ordinal)), Is.Not.Empty);
    }

    static string InPack(string root, string pack, string file) => Path.Combine([root, "packs", "Microsoft.NETCore.App.Ref", pack.Split('/')[0], "ref", pack.Split('/')[1], file]);
}
