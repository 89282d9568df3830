using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using NUnit.Framework;
using VectorSearch;

namespace Cclm.Tests.Samples;

/// <summary>The sample for Microsoft.Extensions.VectorData: the program, and its collection.</summary>
public sealed class VectorSearchTests
{
    static readonly Note[] Notes = [.. Zoo.Members.Select((member, line) => new Note(line, member.Summary))];

    [Test]
    public async Task TheProgramFindsLinesOfAFile()
    {
        using var folder = new TempFolder();
        var texts = folder.Write("texts.txt", string.Join('\n', Zoo.Members.Select(member => member.Summary)));
        var (exit, output, _) = await RunAsync(folder.Write("model.onnx", Zoo.Tiny.Bytes()), texts, "Gievs fodo to hungyr aniamls.", "Opens the gtae before teh visitors come.");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(exit, Is.Zero);
        Assert.That(lines, Has.Length.EqualTo(8));
        Assert.That(lines[1], Is.EqualTo("  1.00  line 2: Gives food to hungry animals."));
        Assert.That(lines[5], Is.EqualTo("  1.00  line 3: Opens the gate before the visitors come."));
    }

    [Test]
    public async Task WithoutAQueryTheProgramSaysWhatItTakes()
    {
        var (exit, _, errors) = await RunAsync("model.onnx", "texts.txt");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("Usage: VectorSearch MODEL TEXTS QUERY"));
    }

    [Test]
    public async Task ACollectionFindsByTextAndByVector()
    {
        using var model = Zoo.Tiny.Load();
        using var collection = await FilledAsync(model.AsEmbeddingGenerator());
        var vector = Zoo.Tiny.Embedding("Locks every door at night.");
        foreach (var found in new[]
        {
            await FirstAsync(collection.SearchAsync("Lcoks every door at night.", 1)), await FirstAsync(collection.SearchAsync(vector, 1)),
            await FirstAsync(collection.SearchAsync((ReadOnlyMemory<float>)vector, 1)), await FirstAsync(collection.SearchAsync(new Embedding<float>(vector), 1)),
        })
        {
            Assert.That((found.Record.Line, found.Score), Is.EqualTo((3, 1d)).Within(1e-5));
        }
        Assert.That(async () => await FirstAsync(collection.SearchAsync(3, 1)), Throws.TypeOf<NotSupportedException>().With.Message.Contains("Int32 can not be looked for"));
    }

    [Test]
    public async Task SearchesAreFilteredOrderedAndPaged()
    {
        using var model = Zoo.Tiny.Load();
        using var collection = await FilledAsync(model.AsEmbeddingGenerator());
        var all = await collection.SearchAsync("animals", 100).ToListAsync();
        Assert.That(all, Has.Count.EqualTo(Notes.Length));
        Assert.That(all.Select(result => result.Score), Is.Ordered.Descending);
        var page = await collection.SearchAsync("animals", 2, new() { Skip = 3 }).ToListAsync();
        Assert.That(page.Select(result => result.Record), Is.EqualTo(all.Skip(3).Take(2).Select(result => result.Record)));
        var odd = await collection.SearchAsync("animals", 100, new() { Filter = note => note.Line % 2 == 1 }).ToListAsync();
        Assert.That(odd.Select(result => result.Record), Is.EqualTo(all.Select(result => result.Record).Where(note => note.Line % 2 == 1)));
        var near = await collection.SearchAsync("animals", 100, new() { ScoreThreshold = all[2].Score }).ToListAsync();
        Assert.That(near, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task RecordsAreReplacedReadAndDeleted()
    {
        using var model = Zoo.Tiny.Load();
        using var collection = await FilledAsync(model.AsEmbeddingGenerator());
        await collection.UpsertAsync(new Note(2, "Something quite different."));
        Assert.That((await collection.GetAsync(2))!.Text, Is.EqualTo("Something quite different."));
        Assert.That((await FirstAsync(collection.SearchAsync("Smoething quite different.", 1))).Record.Line, Is.EqualTo(2));
        await collection.DeleteAsync(2);
        Assert.That(await collection.GetAsync(2), Is.Null);
        Assert.That(await collection.GetAsync(note => note.Line > 4, top: 3, new() { Skip = 1 }).Select(note => note.Line).ToListAsync(), Is.EqualTo((int[])[6, 7, 8]));
        await collection.EnsureCollectionDeletedAsync();
        Assert.That(await collection.SearchAsync("animals", 3).ToListAsync(), Is.Empty);
    }

    static async Task<MemoryCollection<int, Note>> FilledAsync(IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        var collection = new MemoryCollection<int, Note>("notes", generator, note => note.Line, note => note.Text);
        await collection.UpsertAsync(Notes);
        return collection;
    }

    static ValueTask<VectorSearchResult<Note>> FirstAsync(IAsyncEnumerable<VectorSearchResult<Note>> results) => results.FirstAsync();

    /// <summary>Runs the program with the frameworks of the tests, in whose folder it lies: theirs have a part of its packages.</summary>
    static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var tests = Path.ChangeExtension(typeof(VectorSearchTests).Assembly.Location, null);
        string[] command = ["exec", "--runtimeconfig", $"{tests}.runtimeconfig.json", "--depsfile", $"{tests}.deps.json", typeof(Note).Assembly.Location, .. arguments];
        using var process = Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
