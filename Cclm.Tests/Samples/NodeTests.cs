using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Cclm.Inference;
using Cclm.Tests.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Samples;

/// <summary>The samples for Node, run: the same file in its ONNX Runtime, and OpenAI's client for it against the service.</summary>
public sealed class NodeTests
{
    static readonly string[] Texts = ["", "a", "abc habe", "😀 not in the vocabulary, é", new('d', 700), "it's \"quoted\"\nin two lines"];

    readonly TinyModel tiny = new() { ReadsText = true, Options = new() { MaxLength = 64 } };
    TempFolder folder = null!;

    [OneTimeSetUp]
    public async Task Install()
    {
        folder = new();
        foreach (var file in Directory.GetFiles(Path.Combine(TestContext.CurrentContext.TestDirectory, "samples", "node")))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }
        var (exit, _, errors) = await RunAsync("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund");
        if (exit != 0 && (errors.Contains("ENOTFOUND", StringComparison.Ordinal) || errors.Contains("EAI_AGAIN", StringComparison.Ordinal) || errors.Contains("ECONNREFUSED", StringComparison.Ordinal)))
        {
            Assert.Ignore("npm's registry can not be reached from here, and this test installs packages of it.");
        }
        Assert.That(exit, Is.Zero, errors);
    }

    [OneTimeTearDown]
    public void Clean() => folder.Dispose();

    [Test]
    public async Task TheSameFileGivesTheSameVectors()
    {
        var path = folder.Write("model.onnx", tiny.Bytes());
        using var model = CclmModel.Load(path);
        var vectors = await VectorsAsync(["embed.mjs", path, .. Texts]);
        foreach (var (vector, text) in vectors.Zip(Texts))
        {
            Assert.That(vector, Is.EqualTo(model.Embed(text)).Within(1e-6f));
        }
        Assert.That(vectors, Has.Length.EqualTo(Texts.Length));
    }

    [TestCase]
    [TestCase("--format", "float")]
    [TestCase("--format", "base64")]
    public async Task OpenAIsClientGetsTheVectors(params string[] options)
    {
        await using var host = await ServiceHost.StartAsync(null, ("Service:ApiKeys:0", "right"));
        var written = await OutputAsync(["ask.mjs", .. options, $"{host.Url}v1", "right", .. Texts]);
        var vectors = options is ["--format", "base64"]
            ? JsonSerializer.Deserialize<byte[][]>(written)!.Select(bytes => bytes.Chunk(4).Select(four => BitConverter.ToSingle(four)).ToArray()).ToArray()
            : JsonSerializer.Deserialize<float[][]>(written)!;
        foreach (var (vector, text) in vectors.Zip(Texts))
        {
            Assert.That(vector, Is.EqualTo(new TinyModel().Embedding(text)).Within(1e-5f));
        }
        Assert.That(vectors, Has.Length.EqualTo(Texts.Length));
    }

    [Test]
    public async Task OpenAIsClientIsToldThatItsKeyIsWrong()
    {
        await using var host = await ServiceHost.StartAsync(null, ("Service:ApiKeys:0", "right"));
        var (exit, _, errors) = await RunAsync("node", "ask.mjs", $"{host.Url}v1", "wrong", "a");
        Assert.That(exit, Is.Not.Zero);
        Assert.That(errors, Does.Contain("AuthenticationError").And.Contain("401 The API key is missing or wrong").And.Contain("invalid_api_key"));
    }

    async Task<float[][]> VectorsAsync(string[] command) => JsonSerializer.Deserialize<float[][]>(await OutputAsync(command))!;

    async Task<string> OutputAsync(string[] command)
    {
        var (exit, output, errors) = await RunAsync("node", command);
        Assert.That(exit, Is.Zero, errors);
        return output;
    }

    async Task<(int Exit, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await errors);
        }
        catch (Win32Exception)
        {
            Assert.Ignore($"There is no {program} on this machine, which this test runs.");
            throw;
        }
    }
}
