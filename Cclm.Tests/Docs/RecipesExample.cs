using System.Text.Json.Nodes;
using Cclm.Tests.App;
using Cclm.Tests.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/recipes.md, run: its recipe and its commands in order as they stand, and what it says that they print.</summary>
[Parallelizable]
public sealed class RecipesExample : CommandFixture
{
    const string Document = "recipes.md";

    [Test]
    public async Task WhatTheDocumentSaysWorks()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["reviews.csv"], ["stars,body", .. Enumerable.Range(0, 60).Select(i => $"{i % 3},\"a review, number {i}\"")]);
        File.WriteAllLines(folder["topics.csv"], ["topic,body", .. Enumerable.Range(0, 60).Select(i => $"{(i % 2 == 0 ? "news" : "sport")},a text about something {i}")]);
        File.WriteAllLines(folder["articles/one.txt"], Enumerable.Range(0, 60).Select(i => $"sentence {i} of an article"));
        var recipe = Documents.Blocks(Document, "jsonc").Single();
        folder.Write("topics.json", Shorter(recipe));
        Cli.GoTo(folder.Path);
        foreach (var command in Documents.Commands(Document))
        {
            await RunAsync(command);
            foreach (var made in Directory.GetFiles(folder.Path, "re*s.json"))
            {
                File.WriteAllText(made, Shorter(File.ReadAllText(made)));
            }
        }
        string[] printed = [.. Documents.Blocks(Document, "text")];
        Assert.That(printed, Has.Length.EqualTo(2));
        Assert.That(printed[0], Is.EqualTo(await FaultAsync(folder, recipe.Replace("\"corpus\": \"topics\", \"options\"", "\"corpus\": \"topcs\", \"options\"", StringComparison.Ordinal))));
        var longer = recipe.LastIndexOf("1000", StringComparison.Ordinal);
        folder.Write("topics.json", Shorter(recipe[..longer] + "2000" + recipe[(longer + 4)..]));
        Assert.That(await RunAsync("build topics.json --output my-model --dry-run"), Is.EqualTo(Shorter(printed[1])));
        foreach (var file in (string[])["model.onnx", "model.text.onnx", "evaluation.json", "parts/embedder.onnx", "training/runs/topic/report.html", "recipe.lock.json"])
        {
            Assert.That(folder[$"my-model/{file}"], Does.Exist);
        }
    }

    [Test]
    public void TowersOfTheDocumentCanBeTrainedTogether()
    {
        using var folder = new BuildFolder();
        folder.Edit(recipe =>
        {
            var document = JsonNode.Parse($"{{{Documents.Blocks(Document, "json").Single()}}}", null, new() { AllowTrailingCommas = true })!;
            recipe["embedder"]!["together"] = document["embedder"]!["together"]!.DeepClone();
            foreach (var (i, name) in ((string[])["char_mask", "topic"]).Index())
            {
                recipe["towers"]![i]!["name"] = name;
                recipe["towers"]![i]!.AsObject().Remove("training");
            }
        });
        Assert.That(folder.Plan().Select(verdict => $"{verdict}"), Has.Some.EqualTo("embedder: train with char_mask, topic (it was never made)"));
    }

    static async Task<string> RunAsync(string command)
    {
        var (exit, output, errors) = await Cli.RunAsync(Documents.Arguments(command));
        Assert.That(exit, Is.Zero, $"{command}{Environment.NewLine}{errors}");
        Assert.That(output, Is.Not.Empty, command);
        return output;
    }

    static async Task<string> FaultAsync(TempFolder folder, string recipe)
    {
        folder.Write("topics.json", recipe);
        return (await Cli.RunAsync("build", "topics.json", "--dry-run")).Errors;
    }

    /// <summary>A reader trains for longer than a test can; everything else is as the document says.</summary>
    static string Shorter(string text) => text.Replace("\"steps\": 500", "\"steps\": 2", StringComparison.Ordinal).Replace("1000", "2", StringComparison.Ordinal).Replace("2000", "3", StringComparison.Ordinal);
}
