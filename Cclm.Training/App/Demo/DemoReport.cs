using Spectre.Console;

namespace Cclm.Training.App;

/// <summary>What the demo made and measured.</summary>
/// <param name="Files">What was written.</param>
/// <param name="Texts">Texts in the corpus.</param>
/// <param name="Train">Labelled texts trained on.</param>
/// <param name="HeldOut">Labelled texts held out.</param>
/// <param name="Labels">Different labels.</param>
/// <param name="Accuracy">The share of held-out labels that a linear classifier tells from the composed model's vectors.</param>
/// <param name="Majority">The share that always telling the most frequent label would get.</param>
/// <param name="Parity">The largest relative difference between TorchSharp and ONNX Runtime.</param>
/// <param name="Square">The largest difference between the model exported whole and its parts stitched.</param>
/// <param name="Provider">What ONNX Runtime ran on.</param>
/// <param name="Searches">What was found for the demo's queries.</param>
/// <param name="Seconds">How long it all took.</param>
/// <param name="PeakMemory">Bytes of memory at most.</param>
sealed record DemoResult(
    IReadOnlyList<DemoFile> Files, int Texts, int Train, int HeldOut, int Labels, double Accuracy, double Majority, double Parity, double Square,
    string Provider, IReadOnlyList<SearchResult> Searches, double Seconds, long PeakMemory);

/// <summary>A file that the demo wrote.</summary>
sealed record DemoFile(string Path, long Bytes);

/// <summary>The demo's result for a reader.</summary>
static class DemoReport
{
    const int TextShown = 110;

    public static void Write(IAnsiConsole console, DemoResult result)
    {
        var files = new Table().AddColumn("File").AddColumn(new TableColumn("Bytes").RightAligned());
        foreach (var file in result.Files)
        {
            files.AddRow(Markup.Escape(System.IO.Path.GetRelativePath(Environment.CurrentDirectory, file.Path)), $"{file.Bytes:N0}");
        }
        console.Write(files);
        Terminal.WriteLine($"Label of {result.HeldOut:N0} held-out texts ({result.Labels} labels): {result.Accuracy:P1} right by a linear classifier on the composed model's vectors; the most frequent label alone {result.Majority:P1}.");
        Terminal.WriteLine($"TorchSharp against ONNX Runtime ({result.Provider}): {result.Parity:E1} relative. Exported whole against stitched: {result.Square:G}.");
        Terminal.WriteLine();
        foreach (var search in result.Searches)
        {
            Write(console, search);
        }
        Terminal.WriteLine($"{result.Seconds:F0} s, {result.PeakMemory / 1e9:F1} GB of memory at most.");
        var model = result.Files.First(file => System.IO.Path.GetFileName(file.Path) == "composed.onnx").Path;
        Terminal.WriteLine($"Go on with the model: cclm embed {System.IO.Path.GetRelativePath(Environment.CurrentDirectory, model)} \"a text\"; as a service: samples/EmbeddingService/README.md.");
    }

    public static void Write(IAnsiConsole console, SearchResult search)
    {
        var substring = search.SubstringHits.Count == 0 ? "nothing" : $"{search.SubstringHits.Count} texts, the first {search.SubstringHits[0].Title}";
        console.MarkupLine($"[bold]{Markup.Escape(search.Query)}[/]  (plain substring search: {Markup.Escape(substring)})");
        foreach (var hit in search.Hits)
        {
            var text = hit.Text.Length <= TextShown ? hit.Text : $"{hit.Text[..TextShown]}..";
            Terminal.WriteLine($"  {hit.Cosine:F2}  {(hit.Title.Length > 0 ? $"{hit.Title}  " : "")}{text}");
        }
        Terminal.WriteLine();
    }
}
