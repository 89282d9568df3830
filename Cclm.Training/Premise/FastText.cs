using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>fastText (Joulin et al. 2017), a program of the machine: what is picked for labels on a CPU otherwise.</summary>
/// <param name="program">Its name or path.</param>
/// <param name="options">Options of <c>fasttext supervised</c>, without input and output.</param>
public sealed class FastText(string program, params IReadOnlyList<string> options) : IDisposable
{
    const string Label = "__label__";       // before a label, which has no spaces: its number

    const int Width = 100;                  // fastText's own, which vectors of words and labels have to have in common

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cclm-fasttext-");
    string[] vectors = [];

    /// <summary>Whether there is such a program on the path.</summary>
    public static bool IsHere(string program) => File.Exists(program)
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Learns vectors of words from texts without labels (Bojanowski et al. 2017), which all labels are then learned on.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message has what it said.</exception>
    public void LearnVectors(IEnumerable<string> texts)
    {
        var (input, output) = (Path.Combine(folder.FullName, "texts.txt"), Path.Combine(folder.FullName, "vectors"));
        File.WriteAllLines(input, texts.Select(Prepared));
        Run(["skipgram", "-input", input, "-output", output, "-dim", $"{Width}", "-thread", $"{Environment.ProcessorCount}", "-verbose", "0"]);
        vectors = ["-pretrainedVectors", $"{output}.vec", "-dim", $"{Width}"];
    }

    /// <summary>Learns labels of texts, and tells those of others until it learns again: a model takes hundreds of megabytes of disk, and takes the place of the one before it.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message has what it said.</exception>
    public Func<IReadOnlyList<string>, IReadOnlyList<string>> Train(IReadOnlyList<LabelledText> rows, int seed)
    {
        var (input, model) = (Path.Combine(folder.FullName, "train.txt"), Path.Combine(folder.FullName, "model"));
        string[] labels = [.. rows.Select(row => row.Label).Distinct()];
        File.WriteAllLines(input, rows.Select(row => $"{Label}{Array.IndexOf(labels, row.Label)} {Prepared(row.Text)}"));
        Run(["supervised", "-input", input, "-output", model, "-thread", "2", "-seed", $"{seed + 1}", "-verbose", "0", .. options, .. vectors]);
        return texts =>
        {
            var asked = Path.Combine(folder.FullName, "test.txt");
            File.WriteAllLines(asked, texts.Select(Prepared));
            return [.. Run(["predict", $"{model}.bin", asked]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => labels[int.Parse(line.AsSpan(Label.Length), CultureInfo.InvariantCulture)])];
        };
    }

    /// <summary>Deletes its files.</summary>
    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Lower case, words and marks apart, as fastText's examples do; never empty, so that each text has its line.</summary>
    static string Prepared(string text) => string.Concat(text.ToLowerInvariant().EnumerateRunes().Select(character => Rune.IsLetterOrDigit(character) ? $"{character}" : Rune.IsWhiteSpace(character) ? " " : $" {character} ")) is { Length: > 0 } prepared ? prepared : ".";

    string Run(IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }) ?? throw new InvalidOperationException($"'{program}' did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"'{program}' ended with {process.ExitCode}: {errors.Result.Trim()}");
    }
}
