using Cclm.Inference;
using Cclm.Tests.App;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>README.md, run: its commands in order as they stand, then its code on what they made.</summary>
public sealed class ReadmeExample
{
    [Test]
    public async Task WhatTheReadmeSaysWorks()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["text.txt"], Enumerable.Range(0, 60).Select(i => $"line {i} of a text about everything"));
        File.WriteAllLines(folder["labels.tsv"], Enumerable.Range(0, 60).Select(i => $"{(i % 2 == 0 ? "even" : "odd")}\tnumber {i} of a list"));
        using var there = new CurrentFolder(folder.Path);
        foreach (var command in Documents.Commands("README.md"))
        {
            var (exit, output, errors) = await Cli.RunAsync(Small(command));
            Assert.That(exit, Is.Zero, $"{command}{Environment.NewLine}{errors}");
            Assert.That(output, Is.Not.Empty, command);
        }
        Embed();
        using var services = new ServiceCollection().AddLogging().With(Register).BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.That((await generator.GenerateAsync(["a text"])).Single().Vector.Length, Is.GreaterThan(0));
    }

    static void Embed()
    {
        #region embed
        using var model = CclmModel.Load("model.onnx");             // runs on CUDA where it is there, else on the CPU
        float[] vector = model.Embed("read lines from a file");     // unit length: the dot product is the cosine
        float[] topic = model.Embed("read lines form a file", tower: "topic");      // one tower's slice of that vector, so shorter than 1
        float[,] positions = model.EmbedPositions("one vector for each character, and one for CLS");
        #endregion
        Assert.That(vector.Sum(x => x * x), Is.EqualTo(1).Within(1e-4));
        Assert.That(topic, Has.Length.EqualTo(vector.Length / 2));
        Assert.That(positions.GetLength(0), Is.EqualTo("one vector for each character, and one for CLS".Length + 1));
    }

    static void Register(IServiceCollection services)
    {
        #region register
        services.AddCclmEmbeddingGenerator("model.onnx").UseLogging();
        #endregion
    }

    /// <summary>A reader trains for longer, and on longer texts, than a test can; everything else is as the README says.</summary>
    static string[] Small(string command) => !command.StartsWith("pretrain", StringComparison.Ordinal) ? Documents.Arguments(command)
        : [.. Documents.Arguments(command), "--steps", "2", "--max-length", "64"];
}

static class ServiceCollectionExtensions
{
    public static IServiceCollection With(this IServiceCollection services, Action<IServiceCollection> register)
    {
        register(services);
        return services;
    }
}
