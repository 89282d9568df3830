using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Lets a model read text: strings [B] -> ids [B,T], inside the graph, so that any language with ONNX Runtime can give it strings.</summary>
/// <remarks>
/// <c>com.microsoft.Tokenizer</c> splits by code point and <c>ai.onnx.ml.LabelEncoder</c> looks the characters up; the rest follows the text
/// rules of the model format. A text's own length is characters + 1 with CLS, cut to the limit, rounded up to the factor; CLS is its last id. T is the
/// longest own length of the batch, and at least the factor, so that a batch of empty texts has a length too. Needs ONNX Runtime's
/// own operators; the ids that are made equal those of the preprocessor.
/// </remarks>
public static class TextInput
{
    /// <summary>The model with an input <c>text</c> in place of <c>ids</c>; everything else keeps its name.</summary>
    /// <param name="model">Has an input <c>ids</c> and, in its metadata, the preprocessor.</param>
    /// <exception cref="OnnxModelException">The input or the metadata are missing or damaged.</exception>
    public static ModelProto Prepend(ModelProto model) => Prepend(model, TextEncoding.Of(model));

    /// <inheritdoc cref="Prepend(ModelProto)"/>
    /// <param name="model">Has an input <c>ids</c> [B,T] int64.</param>
    /// <param name="encoding">How text becomes ids.</param>
    public static ModelProto Prepend(ModelProto model, TextEncoding encoding)
    {
        if (model.Graph.Input is not [{ Name: ModelNames.Ids }])
        {
            var found = string.Join(", ", model.Graph.Input.Select(input => $"'{input.Name}'"));
            throw new OnnxModelException($"The model reads {found}; expected '{ModelNames.Ids}' alone. " +
                "Give a composed model or an embedder that reads ids.");
        }
        var ids = default(Edge);
        var withText = Stages.Prepend(model, ModelNames.Ids, graph => ids = Encode(graph, graph.Input(ModelNames.Text, DataType.String, "B"), encoding));
        PartRecord.Rename(withText, ModelNames.Ids, ids.Name);
        return withText;
    }

    /// <summary>Adds the nodes that turn text to ids.</summary>
    /// <param name="graph">The graph that receives them.</param>
    /// <param name="text">[B] string.</param>
    /// <param name="encoding">How.</param>
    /// <returns>[B,T] int64.</returns>
    public static Edge Encode(OnnxGraph graph, Edge text, TextEncoding encoding)
    {
        using var scope = graph.Scope("text");
        long cls = encoding.AddCls ? 1 : 0, factor = encoding.DownsampleFactor;
        var time = graph.Constant(1);
        var characters = graph.Op("Slice", [Characters(graph, text, encoding.Symbols()), graph.Constant(0), graph.Constant(encoding.Limit - cls), time]);

        // [B,1]: characters + CLS, rounded up. The limit is a multiple of the factor, so rounding stays within it.
        var present = graph.Op("Cast", [graph.Op("Cast", [characters], ("to", DataType.Bool))], ("to", DataType.Int64));        // [B,N]: 1 or 0
        var count = graph.Op("ReduceSum", [present, time], ("keepdims", 1));
        var groups = graph.Op("Div", [graph.Op("Add", [count, graph.Scalar(cls + factor - 1)]), graph.Scalar(factor)]);
        var length = graph.Op("Mul", [groups, graph.Scalar(factor)]);

        // The one more row of the factor makes the longest length defined for a batch of nothing.
        var lengths = graph.Op("Concat", [graph.Op("Reshape", [length, graph.Constant(-1)]), graph.Constant(factor)], ("axis", 0));
        var longest = graph.Op("ReduceMax", [lengths, graph.Constant(0)], ("keepdims", 1));         // [1]: T
        var missing = graph.Op("Sub", [longest, graph.Op("Shape", [characters], ("start", 1), ("end", 2))]);
        var padded = graph.Op("Pad", [characters, graph.Op("Concat", [graph.Constant(0, 0, 0), missing], ("axis", 0))]);       // [B,T]
        if (!encoding.AddCls)
        {
            return graph.Declare(padded, DataType.Int64, "B", "T");
        }
        var positions = graph.Op("Range", [graph.Scalar(0), graph.Op("Squeeze", [longest]), graph.Scalar(1)]);                  // [T]
        var last = graph.Op("Equal", [positions, graph.Op("Sub", [length, graph.Scalar(1)])]);                                 // [B,T]
        return graph.Declare(graph.Op("Where", [last, graph.Scalar((long)ReservedIds.Cls), padded]), DataType.Int64, "B", "T");
    }

    /// <summary>The ids of the characters alone: [B] -> [B,N], N the most characters of any text, 0 after a text's end.</summary>
    static Edge Characters(OnnxGraph graph, Edge text, string[] symbols)
    {
        const string End = "";      // no character is empty, so it can stand for the end of a text
        var tokens = graph.Op("com.microsoft.Tokenizer", [text],
            ("mark", 0), ("mincharnum", 1), ("pad_value", End), ("separators", new[] { "" }));
        graph.Declare(tokens, DataType.String, "B", "N");       // onnx's own shape inference crashes on a LabelEncoder of unknown input
        return graph.Op("ai.onnx.ml.LabelEncoder", [tokens],
            ("keys_strings", (string[])[End, .. symbols]),
            ("values_int64s", (long[])[ReservedIds.Padding, .. Enumerable.Range(0, symbols.Length).Select(i => (long)(ReservedIds.FirstCharacter + i))]),
            ("default_int64", (long)ReservedIds.Unknown));
    }
}
