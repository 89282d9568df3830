using System.CommandLine;
using Cclm.Training.Premise;

namespace Cclm.Training.App;

/// <summary><c>cclm evaluate texts</c>: what an evaluated model learns from.</summary>
sealed class EvaluateTextsCommand : Command
{
    readonly Option<DirectoryInfo> data = EvaluationArguments.Data();
    readonly Option<DirectoryInfo> output = new("--output", "-o") { Required = true, Description = "The folder to write texts.txt, pairs.jsonl, api.jsonl, topics.jsonl and, without --free, entities.conll to." };
    readonly Option<DirectoryInfo> wordNet = new("--wordnet") { DefaultValueFactory = _ => new(WordNet.DefaultFolder), Description = "WordNet's data files (Debian's package wordnet-base); left out where there are none." };
    readonly Option<bool> free = new("--free") { Description = "Only texts whose licence lets what was learned be passed on." };
    readonly Terminal terminal;

    public EvaluateTextsCommand(Terminal terminal) : base("texts",
        """
        Write texts to pretrain on: all data sets but their test splits, the .NET API documentation and WordNet, without anything that shares eight words in a row with a test text.

        Example:
          cclm evaluate texts --data data --output texts
        """)
    {
        this.terminal = terminal;
        Add(data);
        Add(output);
        Add(wordNet);
        Add(free);
        SetAction((arguments, cancellation) => Task.FromResult(Write(arguments, cancellation)));
    }

    int Write(ParseResult arguments, CancellationToken cancellation)
    {
        var folder = arguments.GetRequiredValue(output).FullName;
        var written = terminal.Progress("Gathering texts", _ =>
            new PretrainingTexts(new(arguments.GetRequiredValue(data).FullName), WordNet.Load(arguments.GetRequiredValue(wordNet).FullName), arguments.GetValue(free), cancellation).Write(folder));
        foreach (var source in written)
        {
            Terminal.WriteLine($"  {source.Name} ({source.Licence}): {source.Texts:N0} pieces, {source.Characters:N0} characters; {source.Overlapping:N0} left out, which share 8 words in a row with a test text");
        }
        Terminal.WriteLine($"Wrote {folder}: {written.Sum(source => source.Characters):N0} characters.");
        return ExitCode.Success;
    }
}
