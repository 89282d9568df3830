namespace Cclm.Export;

/// <content>Shapes and coordinates that another version counts otherwise.</content>
static partial class OperatorRewrites
{
    /// <summary>
    /// Up to version 6 the second input is laid along the first from <c>axis</c> on, or along its last dimensions; later along the last ones always,
    /// so that what follows it takes dimensions of 1.
    /// </summary>
    static void Broadcast(NodeRewrite node)
    {
        var axis = node.Take("axis");
        if (node.TakeInt("broadcast", 0) == 0 || axis is null)
        {
            return;
        }
        if (node.Rank(0) is not { } rank || node.Rank(1) is not { } own)
        {
            throw node.Refuse("it broadcasts along an axis, and the ranks of its inputs are not declared; run shape inference on the model first");
        }
        var first = axis.I < 0 ? axis.I + rank : axis.I;
        if (first < 0 || first > rank - own)
        {
            throw node.Refuse($"it broadcasts rank {own} along axis {axis.I} of rank {rank}, where it does not fit; correct it");
        }
        AddDimensions(node, own, rank - own - (int)first);
    }

    /// <summary>Up to version 6 a vector of slopes is one for each channel.</summary>
    static void SlopePerChannel(NodeRewrite node)
    {
        if (node.Rank(1) is not { } own || node.Rank(0) is not { } rank)
        {
            throw node.Refuse("the ranks of its inputs are not declared; run shape inference on the model first");
        }
        if (own == 1)
        {
            AddDimensions(node, own, rank - 2);
        }
    }

    /// <summary>Dimensions of 1 after those of the second input.</summary>
    static void AddDimensions(NodeRewrite node, int rank, int count)
    {
        if (count > 0)
        {
            node.SetInput(1, node.Add("Unsqueeze", [node.Input(1)], ("axes", Enumerable.Range(rank, count).Select(axis => (long)axis).ToArray())));
        }
    }

    /// <summary>
    /// Up to version 12 the input is a matrix: what is before the axis by what is from it on. Later one dimension counts alone, which is the same where
    /// it is the last.
    /// </summary>
    static void FlattenAround(NodeRewrite node)
    {
        var axis = node.TakeInt("axis", 1);
        node.Set("axis", -1);
        if (axis == -1 || node.Rank(0) == axis + 1)
        {
            return;
        }
        var (x, y) = (node.Input(0), node.Node.Output.FirstOrDefault() ?? throw node.Refuse("it has no output; correct it"));
        var shape = node.Add("Shape", [x]);
        node.SetInput(0, node.Add("Flatten", [x], ("axis", axis)));
        node.Node.Output[0] = node.NewName(node.Node.OpType);
        node.Keep();
        node.AddAs(y, "Reshape", [node.Node.Output[0], shape], node.TargetVersion >= 14 ? [("allowzero", 1)] : []);
    }

    static void ScalesOfUpsample(NodeRewrite node)
    {
        var (height, width) = (node.Take("height_scale")?.F ?? 1, node.Take("width_scale")?.F ?? 1);
        node.Set("scales", (float[])[1, 1, height, width]);
        if (node.Take("mode") is { } mode)
        {
            node.Set("mode", mode.S.ToStringUtf8() is "bilinear" ? "linear" : mode.S.ToStringUtf8());
        }
    }

    static void ScalesToInput(NodeRewrite node) => node.SetInput(1, node.Constant(node.Take("scales")?.Floats.ToArray() ?? []));

    /// <summary>
    /// Version 10 takes the nearest element before a coordinate, and after it along dimensions that become smaller; version 11 has one rule for all.
    /// Where both occur, the larger dimensions come first and the smaller ones after them.
    /// </summary>
    static void CoordinatesOfResize(NodeRewrite node)
    {
        var scales = node.Input(1);
        var nearest = (node.Node.Attribute.FirstOrDefault(attribute => attribute.Name == "mode")?.S.ToStringUtf8() ?? "nearest") == "nearest";
        var known = node.KnownFloats(1);
        var (larger, smaller) = (!nearest || known?.All(scale => scale >= 1) == true, known?.All(scale => scale <= 1) == true);
        var region = node.Constant(Array.Empty<float>());
        if (!larger && !smaller)
        {
            var one = node.Constant(1f);
            node.SetInput(0, node.Add("Resize", [node.Input(0), region, node.Add("Max", [scales, one])],
                ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")));
            scales = node.Add("Min", [scales, one]);
        }
        node.SetInput(1, region);
        node.SetInput(2, scales);
        node.Set("coordinate_transformation_mode", "asymmetric");
        node.Set("nearest_mode", larger ? "floor" : "ceil");
    }

    /// <summary>Up to version 20 a group of channels shares scale and bias; later each channel has its own.</summary>
    static void ScalePerChannel(NodeRewrite node)
    {
        var groups = node.Node.Attribute.FirstOrDefault(attribute => attribute.Name == "num_groups")?.I ?? throw node.Refuse("it has no 'num_groups'; add it");
        var channels = node.Add("Shape", [node.Input(0)], ("start", 1), ("end", 2));
        var each = node.Add("Concat", [node.Constant(1L), node.Add("Div", [channels, node.Constant(groups)])], ("axis", 0));
        foreach (var input in (ReadOnlySpan<int>)[1, 2])
        {
            var column = node.Add("Reshape", [node.Input(input), node.Constant(-1L, 1)]);
            node.SetInput(input, node.Add("Reshape", [node.Add("Expand", [column, each]), node.Constant(-1L)]));
        }
        node.Set("stash_type", node.ElementType(0));
    }
}
