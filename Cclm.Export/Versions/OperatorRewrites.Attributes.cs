using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <content>Attributes that were renamed, dropped or given a default.</content>
static partial class OperatorRewrites
{
    /// <summary>Hints of where a result may overwrite an input, in versions 1 to 5.</summary>
    static void WithoutConsumedInputs(NodeRewrite node) => node.Take("consumed_inputs");

    static void PadsRenamed(NodeRewrite node)
    {
        if (node.Take("paddings") is { } paddings)
        {
            node.Set("pads", paddings.Ints.ToArray());
        }
    }

    static void SplitAxis(NodeRewrite node)
    {
        if (node.Node.Input.Count > 1)
        {
            throw node.Refuse("its lengths are an input, which later versions do not take before 13; give them as its attribute 'split'");
        }
        node.SetDefault("axis", 0);
    }

    static void IntegerNorm(NodeRewrite node)
    {
        if (node.Take("p") is { } p)
        {
            node.Set("p", float.IsInteger(p.F) ? (long)p.F : throw node.Refuse($"its norm is p = {p.F}, and later versions take whole numbers; take another norm"));
        }
    }

    /// <summary>Types by their names in version 1, by their numbers later.</summary>
    static void CastToNumber(NodeRewrite node)
    {
        var name = node.Take("to")?.S.ToStringUtf8() ?? "";
        node.Set("to", Enum.TryParse<DataType>(name, ignoreCase: true, out var type) ? type : throw node.Refuse($"it casts to '{name}', which is no element type; correct it"));
    }

    static void SeluDefaults(NodeRewrite node)
    {
        WithoutConsumedInputs(node);
        node.SetDefault("alpha", 1.6732f);
        node.SetDefault("gamma", 1.0507f);
    }

    /// <summary>A bound that is left out is none in version 1, and the largest number later.</summary>
    static void ClipUnbounded(NodeRewrite node)
    {
        WithoutConsumedInputs(node);
        node.SetDefault("min", float.NegativeInfinity);
        node.SetDefault("max", float.PositiveInfinity);
    }

    /// <summary>Up to version 6 a node trains unless it says that it does not; later ones are for inference.</summary>
    static void InferenceOnly(NodeRewrite node)
    {
        if (node.TakeInt("is_test", 0) == 0)
        {
            throw node.Refuse("it is in training mode (is_test is 0); export the model for inference");
        }
        OneOutput(node);
    }

    static void OneOutput(NodeRewrite node)
    {
        if (!node.KeepOneOutput())
        {
            throw node.Refuse("it has outputs of training, which later versions define otherwise; export the model for inference");
        }
    }

    static void PerChannelOnly(NodeRewrite node)
    {
        if (node.TakeInt("spatial", 1) == 0)
        {
            throw node.Refuse("it has statistics for each position (spatial is 0), which later versions do not; flatten positions into channels before it");
        }
    }

    /// <summary>Version 18 has to be told how many parts of equal length there are.</summary>
    static void NumberOfParts(NodeRewrite node)
    {
        if (node.Node.Input.Count < 2 || node.Input(1).Length == 0)
        {
            node.Set("num_outputs", (long)node.Node.Output.Count);
        }
    }

    static void InterpolationRenamed(NodeRewrite node)
    {
        var mode = node.Take("mode")?.S.ToStringUtf8() ?? "bilinear";
        node.Set("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
    }

    /// <summary>An infinite number becomes NaN in versions up to 23 and the largest number later, in two of the 8-bit types.</summary>
    static void FiniteFloat8(NodeRewrite node)
    {
        if (node.Node.Attribute.FirstOrDefault(attribute => attribute.Name == "to") is { } to)
        {
            EnsureNotFnuz(node, (DataType)to.I);
        }
    }

    /// <summary>Where the type is not declared it is taken for another: these two are of one maker's hardware.</summary>
    static void FiniteFloat8Like(NodeRewrite node) => EnsureNotFnuz(node, node.KnownType(1) ?? DataType.Undefined);

    static void EnsureNotFnuz(NodeRewrite node, DataType type)
    {
        if (type is DataType.Float8E4M3Fnuz or DataType.Float8E5M2Fnuz)
        {
            throw node.Refuse($"infinite numbers become others in {ElementType.Name((int)type)} from version 24 on; cast to another type");
        }
    }

    /// <summary>Version 1 numbers a list of texts; version 2 maps keys to values, of which one kind is the input's.</summary>
    static void ClassesToPairs(NodeRewrite node)
    {
        var classes = node.Take("classes_strings")?.Strings.Select(text => text.ToStringUtf8()).ToArray() ?? [];
        var numbers = Enumerable.Range(0, classes.Length).Select(number => (long)number).ToArray();
        var ofTexts = node.ElementType(0) == DataType.String;
        node.Set(ofTexts ? "keys_strings" : "keys_int64s", ofTexts ? classes : numbers);
        node.Set(ofTexts ? "values_int64s" : "values_strings", ofTexts ? numbers : classes);
        node.Take(ofTexts ? "default_string" : "default_int64");
    }

    /// <summary>Which of two equal keys counts is said from version 4 on only, and so is what a key that is no number finds.</summary>
    static void DistinctKeys(NodeRewrite node)
    {
        foreach (var attribute in node.Node.Attribute.Where(attribute => attribute.Name.StartsWith("keys_", StringComparison.Ordinal)))
        {
            if (attribute.Floats.Any(float.IsNaN) || attribute.Floats.Distinct().Count() < attribute.Floats.Count
                || attribute.Ints.Distinct().Count() < attribute.Ints.Count || attribute.Strings.Distinct().Count() < attribute.Strings.Count)
            {
                throw node.Refuse($"its '{attribute.Name}' has a key twice, or NaN; remove it");
            }
        }
    }
}
