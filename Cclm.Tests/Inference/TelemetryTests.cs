using NUnit.Framework;

namespace Cclm.Tests.Inference;

[Platform("Linux", Reason = "Where ONNX Runtime keeps its files elsewhere differs.")]
public class TelemetryTests
{
    [TestCase("library")]
    [TestCase("prepared")]
    public async Task OnnxRuntimeLeavesNothingInTheUsersHome(string child)
    {
        using var folder = new TempFolder();
        var home = Directory.CreateDirectory(folder["home"]).FullName;

        await ChildProcess.Run(home, child, folder.Write("model.onnx", new TinyModel().Bytes()));

        Assert.That(Directory.GetFileSystemEntries(home, "*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public async Task WithoutTheLibraryItDoesWhichIsHowTheTestAboveCanFail()
    {
        using var folder = new TempFolder();
        var home = Directory.CreateDirectory(folder["home"]).FullName;

        await ChildProcess.Run(home, "bare", folder.Write("model.onnx", new TinyModel().Bytes()));

        Assert.That(Directory.GetFiles(home, "*", SearchOption.AllDirectories), Has.Some.Contains(".onnxruntime"));
    }

    [Test]
    public async Task TheLibraryWritesNothingToTheConsole()
    {
        using var folder = new TempFolder();

        Assert.That(await ChildProcess.Run(folder.Path, "library", folder.Write("model.onnx", new TinyModel().Bytes())), Is.Empty);
    }
}
