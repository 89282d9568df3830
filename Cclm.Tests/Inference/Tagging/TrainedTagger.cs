using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using Google.Protobuf;
using static TorchSharp.torch;

namespace Cclm.Tests.Inference;

/// <summary>A model that learned in some seconds to tell persons and places in made-up sentences, and what trained it.</summary>
sealed class TrainedTagger : IDisposable
{
    const string Characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,-'";

    static readonly string[] Nouns = ["the report", "a letter", "their house", "nothing", "old books", "the last train"];

    readonly ComposedModel composed;
    readonly WholeModel whole;

    public TrainedTagger()
    {
        random.manual_seed(1);
        set_num_threads(1);
        var embedder = new ConvEmbedder(new() { Vocabulary = Preprocessor.Vocabulary.Count, MaxLength = 64, CharacterWidth = 16, Blocks = 2, Filters = 32, GlobalFilters = 8 });
        composed = new(embedder, ("a", new TransformerTower(embedder, new() { Layers = 1, Heads = 4, FeedForward = 64 })));
        whole = new(composed);
        Pretrainer = new("names", Preprocessor, composed, whole, new TagSet(["LOC", "PER"], TagScheme.Bioes));
        var sentences = Sentences(3000, seed: 1);
        TaggedSentence[] rows = [.. sentences.Chunk(3).SelectMany(three => (TaggedSentence[])[three[0], Joined(three), Joined(three[1..])])];
        Pretrainer.Train(rows, new() { Steps = 300, BatchSize = 16, LearningRate = 5e-3 });
    }

    public static Preprocessor Preprocessor { get; } = new(Vocabulary.Fit([Characters]), new() { MaxLength = 64 });

    public TaggingPretrainer Pretrainer { get; }

    /// <summary>The model as one file.</summary>
    public byte[] Bytes()
    {
        using var temp = new TempFolder();
        var folder = new ModelFolder(temp.Path, new PartTypes());
        Pretrainer.Save(folder);
        var (head, on) = folder.LoadHead("names");
        using (head)
        {
            return Composer.Compose(ModelExporter.Export(composed.Base, Preprocessor), [("a", ModelExporter.Export(composed.Towers[0].Tower, composed.Base, Preprocessor))],
                new() { Pooling = new(Pooling.MeanMax), Heads = [("names", ModelExporter.Export(head, on, Preprocessor))] }).ToByteArray();
        }
    }

    /// <summary>Sentences whose names no other seed's have.</summary>
    public static TaggedSentence[] Sentences(int count, int seed)
    {
        var chance = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Sentence(chance))];
    }

    /// <summary>What the training side answers to a sentence: its own scores, its own decoding.</summary>
    public string[] Answer(IReadOnlyList<string> words)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var example = TaggedExample.Of(words, new int[words.Count], Preprocessor);
        var answer = (TaggingAnswer)Pretrainer.AnswerTo(Batch.Of([example]));
        return [.. answer.Decode()[0].Select(tag => Pretrainer.Tags.Names[tag])];
    }

    public void Dispose()
    {
        Pretrainer.Dispose();
        whole.Dispose();
        composed.Dispose();
    }

    static TaggedSentence Sentence(Random chance)
    {
        (string Words, string Tags) person = chance.Next(2) == 0 ? (Name(chance), "S-PER") : ($"{Name(chance)} {Name(chance)}", "B-PER E-PER");
        var (noun, place) = (Nouns[chance.Next(Nouns.Length)], Name(chance));
        var (words, tags) = chance.Next(3) switch
        {
            0 => ($"{person.Words} found {noun} in {place} .", $"{person.Tags} O {Outside(noun)} O S-LOC O"),
            1 => ($"in {place} , {person.Words} 's {noun} lay .", $"O S-LOC O {person.Tags} O {Outside(noun)} O O"),
            _ => ($"{noun} of {person.Words} .", $"{Outside(noun)} O {person.Tags} O"),
        };
        return new(words.Split(' '), tags.Split(' '));
    }

    static TaggedSentence Joined(TaggedSentence[] sentences) => new([.. sentences.SelectMany(sentence => sentence.Words)], [.. sentences.SelectMany(sentence => sentence.Tags)]);

    static string Outside(string words) => string.Join(' ', words.Split(' ').Select(_ => "O"));

    static string Name(Random chance)
    {
        var letters = string.Concat(Enumerable.Range(0, chance.Next(2, 4)).Select(_ => $"{"bdfgklmnprstvz"[chance.Next(14)]}{"aeiou"[chance.Next(5)]}"));
        return $"{char.ToUpperInvariant(letters[0])}{letters[1..]}";
    }
}
