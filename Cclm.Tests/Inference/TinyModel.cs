using System.Globalization;
using Cclm.Export;
using Cclm.Inference;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Inference;

/// <summary>A composed model of a few hundred bytes whose answers can be worked out by hand: a table of vectors, and their mean.</summary>
/// <remarks>Written out rather than composed, so that these tests hold the file format itself still.</remarks>
public sealed record TinyModel
{
    public const int Width = 5;     // tower 'left' has hidden channels 0 and 1, 'right' 2 to 4; in the embedding right comes first

    public const float TagLogit = 4;

    public static string[] Tags { get; } = ["O", "B-X", "I-X", "B-Y", "I-Y"];

    public string Characters { get; init; } = "abcdefgh";
    public PreprocessorOptions Options { get; init; } = new();
    public bool ReadsText { get; init; }
    public bool Pooled { get; init; } = true;
    public int MissingRows { get; init; }
    public string Poisoned { get; init; } = "";     // characters whose vectors are not numbers
    public Func<string, string>? TagOf { get; init; }               // of a character; a head 'names' says it of each, with a logit of TagLogit
    public string? Classifier { get; init; }                        // a head of this name, which tells 'NAME low' from 'NAME high'
    public Action<Dictionary<string, string>>? Edit { get; init; }      // of the metadata
    public Func<OnnxGraph, Edge, Edge>? Pool { get; init; }             // ids [B,T] -> embedding [B,5]

    public Preprocessor Preprocessor => new(Vocabulary.Fit([Characters]), Options);

    /// <summary>One character again and again, perhaps never.</summary>
    public static string Text(Random random) => new((char)('a' + random.Next(8)), random.Next(40));

    public static float Weight(long id, int channel) => MathF.Sin((id * Width) + channel);

    /// <summary>[B,T,C] of one text, as the model should answer.</summary>
    public float[] Hidden(string text)
    {
        var batch = Preprocessor.Encode([text]);
        return [.. batch.Ids.SelectMany(id => Enumerable.Range(0, Width).Select(channel => Weight(id, channel)))];
    }

    /// <summary>[D]: the mean over the ids that are not padding, the channels of 'right' before those of 'left'.</summary>
    public float[] Embedding(string text)
    {
        long[] ids = [.. Preprocessor.Encode([text]).Ids.Where(id => id != Vocabulary.Padding)];
        float[] mean = [.. Enumerable.Range(0, Width).Select(channel => ids.Sum(id => Weight(id, channel)) / Math.Max(ids.Length, 1))];
        return [.. mean[2..], .. mean[..2]];
    }

    public CclmModel Load(CclmModelOptions? options = null) => CclmModel.Load(Bytes(), options);

    public byte[] Bytes() => Build().ToByteArray();

    public ModelProto Build()
    {
        var vocabulary = Preprocessor.Vocabulary;
        var graph = new OnnxGraph("tiny");
        var ids = graph.Input("ids", DataType.Int64, "B", "T");
        var hidden = graph.Op("Gather", [graph.Initializer("table", Table(vocabulary), vocabulary.Count - MissingRows, Width), ids]);
        graph.Output("hidden", hidden, "B", "T", $"{Width}");
        if (Pooled)
        {
            graph.Output("embedding", Pool?.Invoke(graph, ids) ?? Mean(graph, ids, hidden), "B", $"{Width}");
        }
        if (TagOf is not null)
        {
            graph.Output("logits_names", graph.Op("Gather", [graph.Initializer("tags", TagTable(vocabulary), vocabulary.Count, Tags.Length), ids]), "B", "T", $"{Tags.Length}");
        }
        if (Classifier is not null)
        {
            graph.Output($"logits_{Classifier}", graph.Op("Gather", [Mean(graph, ids, hidden), graph.Constant(0, 1)], ("axis", 1)), "B", "2");
        }
        var model = graph.ToModel();
        ModelProperties.Write(model, Metadata());
        return ReadsText ? TextInput.Prepend(model) : model;
    }

    float[] Table(Vocabulary vocabulary)
    {
        float[] table = [.. Enumerable.Range(0, (vocabulary.Count - MissingRows) * Width).Select(i => Weight(i / Width, i % Width))];
        foreach (var character in Poisoned.EnumerateRunes())
        {
            table[(vocabulary[character] * Width) + 1] = float.NaN;
        }
        return table;
    }

    /// <summary>Padding, CLS and unknown characters are sure to be I-Y: where they are read, it shows.</summary>
    float[] TagTable(Vocabulary vocabulary) => [.. Enumerable.Range(0, vocabulary.Count)
        .Select(id => id < Vocabulary.FirstCharacter ? "I-Y" : TagOf!($"{vocabulary.CharacterOf(id)}"))
        .SelectMany(tag => Tags.Select(other => other == tag ? TagLogit : 0))];

    static Edge Mean(OnnxGraph graph, Edge ids, Edge hidden)
    {
        var mask = graph.Op("Cast", [graph.Op("Cast", [ids], ("to", DataType.Bool))], ("to", DataType.Float));                      // [B,T]
        var count = graph.Op("Max", [graph.Op("ReduceSum", [mask, graph.Constant(1)], ("keepdims", 1)), graph.Scalar(1f)]);          // [B,1]
        var kept = graph.Op("Mul", [hidden, graph.Op("Unsqueeze", [mask, graph.Constant(2)])]);
        var mean = graph.Op("Div", [graph.Op("ReduceSum", [kept, graph.Constant(1)], ("keepdims", 0)), count]);                      // [B,5]
        return graph.Op("Gather", [mean, graph.Constant(2, 3, 4, 0, 1)], ("axis", 1));
    }

    Dictionary<string, string> Metadata()
    {
        var (left, right) = Pooled ? (""","embedding":{"start":3,"width":2}""", ""","embedding":{"start":0,"width":3}""") : ("", "");
        var head = TagOf is null ? "" : $$$"""
            ,{"name":"names","kind":"head","weights":"c3","head":{"task":"tagging","labels":["{{{string.Join("\",\"", Tags)}}}"],"towers":[],"scheme":"bio"}}
            """;
        head += Classifier is null ? "" : $$$"""
            ,{"name":"{{{Classifier}}}","kind":"head","weights":"d4","head":{"task":"categorical","labels":["{{{Classifier}}} low","{{{Classifier}}} high"],"towers":[]}}
            """;
        var metadata = new Dictionary<string, string>
        {
            ["cclm.format"] = "1",
            ["cclm.kind"] = "composed",
            ["cclm.weights"] = string.Create(CultureInfo.InvariantCulture, $"{Characters.Length:x64}"),
            ["cclm.vocabulary"] = Preprocessor.Vocabulary.Hash,
            ["cclm.preprocessor"] = Preprocessor.ToJson(),
            ["cclm.parts"] = $$$"""
                [{"name":"embedder","kind":"embedder","weights":"e0"},
                 {"name":"left","kind":"tower","weights":"a1","hidden":{"start":0,"width":2}{{{left}}}},
                 {"name":"right","kind":"tower","weights":"b2","hidden":{"start":2,"width":3}{{{right}}}}{{{head}}}]
                """,
        };
        Edit?.Invoke(metadata);
        return metadata;
    }
}
