using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.App;
using Cclm.Tests.Training;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/shelf.md, run: its commands in order as they stand, then its code on what they published.</summary>
public sealed class ShelfExample
{
    [Test]
    public async Task WhatTheDocumentSaysWorks()
    {
        using var folder = new TempFolder();
        MakeModel(folder["my-model"]);
        using var there = new CurrentFolder(folder.Path);
        foreach (var command in Documents.Commands("shelf.md"))
        {
            var (exit, output, errors) = await Cli.RunAsync(Documents.Arguments(command));
            Assert.That(exit, Is.Zero, $"{command}{Environment.NewLine}{errors}");
            Assert.That(output, Is.Not.Empty, command);
        }
        foreach (var file in (string[])["preprocessor.json", "embedder.safetensors", "towers/topic.safetensors"])
        {
            Assert.That(File.ReadAllBytes(folder[$"another-model/{file}"]), Is.EqualTo(File.ReadAllBytes(folder[$"my-model/{file}"])), file);
        }
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder["xdg"]);
        try
        {
            await Compose();
            Assert.That(Directory.Exists(OperatingSystem.IsWindows() ? ShelfOptions.DefaultCacheDirectory : folder["xdg/cclm/shelf"]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache);
        }
    }

    [Test]
    public void AShelfIsRegistered()
    {
        var services = new ServiceCollection();
        Register(services, "secret");
        using var provider = services.BuildServiceProvider();
        Assert.That(provider.GetServices<Shelf>(), Has.Exactly(1).Items);
    }

    static async Task Compose()
    {
        #region compose
        using var shelf = new Shelf("shelf");                           // or https://host/{tag}/{item_type}/{filename}
        var embedder = await shelf.FetchAsync("base-1.0.0", ComponentKind.Embedder, "v1");
        var topic = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        topic.EnsureStandsOn(embedder);                                 // Compose checks it too, against the files themselves

        var composed = Composer.Compose(
            OnnxFile.Load(embedder.OnnxFile), [("topic", OnnxFile.Load(topic.OnnxFile))], new() { Pooling = new(Pooling.MeanMax) });
        using var model = CclmModel.Load(composed.ToByteArray());
        float[] vector = model.Embed("read lines from a file");
        #endregion
        Assert.That(vector.Sum(x => x * x), Is.EqualTo(1).Within(1e-4));
    }

    static void Register(IServiceCollection services, string token)
    {
        #region register
        services.AddCclmShelf(options => options.Location = "https://host/{tag}/{item_type}/{filename}")
            .ConfigureHttpClient(client => client.DefaultRequestHeaders.Authorization = new("Bearer", token));
        #endregion
    }

    static void MakeModel(string path)
    {
        var model = new ModelFolder(path, new());
        using var embedder = SmallParts.Embedder();
        model.Save(embedder, SmallParts.Preprocessor);
        using var tower = SmallParts.Tower(embedder);
        model.Save("topic", tower, embedder);
    }
}
