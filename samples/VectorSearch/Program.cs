using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using VectorSearch;

if (args is not [var model, var file, .. { Length: > 0 } queries])
{
    Console.Error.WriteLine("Usage: VectorSearch MODEL TEXTS QUERY...   (a composed .onnx file, a file of texts, one a line, and what to look for)");
    return 1;
}
var services = new ServiceCollection();
services.AddCclmEmbeddingGenerator(model);
services.AddSingleton<VectorStoreCollection<int, Note>>(provider =>
    new MemoryCollection<int, Note>("notes", provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(), note => note.Line, note => note.Text));
await using var provider = services.BuildServiceProvider();

var notes = provider.GetRequiredService<VectorStoreCollection<int, Note>>();
await notes.EnsureCollectionExistsAsync();
await notes.UpsertAsync(File.ReadLines(file).Select((text, line) => new Note(line + 1, text)).Where(note => note.Text.Length > 0));
foreach (var query in queries)
{
    Console.WriteLine(query);
    await foreach (var found in notes.SearchAsync(query, top: 3))
    {
        Console.WriteLine($"  {found.Score:F2}  line {found.Record.Line}: {found.Record.Text}");
    }
}
return 0;
