using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>A part of a composition: a model that passed its checks, with what it says of itself.</summary>
/// <param name="Name">The tower's or head's name; <c>embedder</c> for the embedder.</param>
/// <param name="File">The model that taking the composition apart gives back.</param>
/// <param name="Model">The same with the part's outputs and no others.</param>
/// <param name="Metadata">What the file says of itself; its hash was compared with the weights.</param>
/// <param name="Width">The last dimension of its first output: channels of <c>hidden</c>, or labels.</param>
sealed record Part(string Name, ModelProto File, ModelProto Model, ModelMetadata Metadata, int Width)
{
    string Title => Metadata.Kind switch
    {
        "tower" => $"Tower '{Name}'",
        "head" => $"Head '{Name}'",
        _ => "The embedder",
    };

    /// <summary>Whether a head answers for each position, [B,T,K], and not for the whole text, [B,K].</summary>
    public bool OfPositions => Model.Graph.Output[0].Type.TensorType.Shape.Dim.Count == 3;

    public static Part Embedder(ModelProto model) =>
        Read("embedder", model, ["embedder", "composed"], [(ModelNames.Ids, DataType.Int64, 2)],
            [(ModelNames.Hidden, DataType.Float, 3), (ModelNames.Mask, DataType.Bool, 2)]);

    public static Part Tower(string name, ModelProto model) =>
        Read(name, model, ["tower"], [(ModelNames.Embedded, DataType.Float, 3), (ModelNames.Mask, DataType.Bool, 2)], [(ModelNames.Hidden, DataType.Float, 3)]);

    public static Part Head(string name, ModelProto model)
    {
        var rank = model.Graph?.Output.FirstOrDefault(output => output.Name == ModelNames.LogitsOfHead)?.Type?.TensorType?.Shape?.Dim.Count == 3 ? 3 : 2;
        var head = Read(name, model, ["head"], [(ModelNames.Hidden, DataType.Float, 3), (ModelNames.Mask, DataType.Bool, 2)], [(ModelNames.LogitsOfHead, DataType.Float, rank)]);
        var says = head.Metadata.Head ?? throw new OnnxModelException($"Head '{name}' does not say what it answers ('cclm.head' in its metadata). Export it again.");
        return says.Labels.Count == head.Width ? head
            : throw new OnnxModelException($"Head '{name}' answers {head.Width} logits, but its metadata names {says.Labels.Count} labels: the file was edited. Export it again.");
    }

    /// <exception cref="OnnxModelException">The head was made for towers that are not there, or are others.</exception>
    public void EnsureReads(Part embedder, Part[] towers, bool allowOthers)
    {
        EnsureSameBase(embedder, allowOthers);
        var width = 0;
        foreach (var (name, weights) in Metadata.Head!.Towers)
        {
            var tower = towers.FirstOrDefault(tower => tower.Name == name) ?? throw new OnnxModelException(
                $"{Title} reads tower '{name}', but the model has {string.Join(", ", towers.Select(tower => $"'{tower.Name}'"))}. Add that tower, or leave the head out.");
            if (tower.Metadata.Weights != weights && !allowOthers)
            {
                throw new OnnxModelException($"{Title} was trained on tower '{name}' {weights}, but this one is {tower.Metadata.Weights}. Train the head again on this tower, or compose it with its own.");
            }
            width += tower.Width;
        }
        EnsureWidth(ModelNames.Hidden, width, "its towers write");
    }

    /// <exception cref="OnnxModelException">The tower was made for another vocabulary, embedder or width.</exception>
    public void EnsureFits(Part embedder, bool allowOtherEmbedder)
    {
        EnsureWidth(ModelNames.Embedded, embedder.Width, "the embedder writes");
        EnsureSameBase(embedder, allowOtherEmbedder);
    }

    void EnsureWidth(string input, int width, string written)
    {
        var reads = Model.Graph.Input.First(known => known.Name == input).Type.TensorType.Shape.Dim[2];
        if (reads.HasDimValue && reads.DimValue != width)
        {
            throw new OnnxModelException($"{Title} reads {reads.DimValue} channels but {written} {width}. " +
                $"Export it against what it is to stand on, or put a Linear({width}, {reads.DimValue}) before it.");
        }
    }

    void EnsureSameBase(Part embedder, bool allowOtherEmbedder)
    {
        if (Metadata.Vocabulary != embedder.Metadata.Vocabulary)
        {
            throw new OnnxModelException($"{Title} was trained with vocabulary {Metadata.Vocabulary}, but the embedder with {embedder.Metadata.Vocabulary}. " +
                "Take parts that share one preprocessor.");
        }
        if (Metadata.Embedder != embedder.Metadata.Weights && !allowOtherEmbedder)
        {
            throw new OnnxModelException($"{Title} was trained on embedder {Metadata.Embedder ?? "(none named)"}, but this one is {embedder.Metadata.Weights}. " +
                "Compose it with its own embedder, train it again on this one, or allow another embedder for an experiment.");
        }
    }

    static Part Read(string name, ModelProto model, string[] kinds, (string, DataType, int)[] inputs, (string, DataType, int)[] outputs)
    {
        ModelCheck.Ensure(model, name);
        ModelMetadata metadata;
        try
        {
            metadata = ModelMetadata.Parse(ModelProperties.Read(model));
        }
        catch (InvalidDataException e)
        {
            throw new OnnxModelException($"Part '{name}': {e.Message}", e);
        }
        if (!kinds.Contains(metadata.Kind))
        {
            throw new OnnxModelException($"Part '{name}' is of kind '{metadata.Kind}'; expected {string.Join(" or ", kinds)}. " +
                $"Give the file that 'cclm export' wrote for a {kinds[0]}.");
        }
        if (metadata.Precision is { } precision)
        {
            throw new OnnxModelException($"Part '{name}' is in {precision}; expected float32. Compose the parts that it was made from, and convert the composed model.");
        }
        if ((metadata.Kind == "composed" ? WeightsHash.WithoutHeads(model) : WeightsHash.Of(model)) is var found && found != metadata.Weights)
        {
            throw new OnnxModelException($"The weights of part '{name}' hash to {found}, but its metadata says {metadata.Weights}: " +
                "the file was changed after its export. Export it again.");
        }
        foreach (var (input, element, rank) in inputs)
        {
            EnsureType(name, "input", model.Graph.Input, input, element, rank);
        }
        foreach (var (output, element, rank) in outputs)
        {
            EnsureType(name, "output", model.Graph.Output, output, element, rank);
        }
        var (first, _, _) = outputs[0];
        var type = model.Graph.Output.First(output => output.Name == first).Type;
        if (type.TensorType.Shape.Dim[^1] is not { HasDimValue: true, DimValue: > 0 and <= int.MaxValue } width)
        {
            throw new OnnxModelException($"Part '{name}' writes '{first}' as {OnnxValues.Describe(type)}; " +
                "expected a number in its last dimension. Export it again.");
        }
        var file = WithoutHeads(model, metadata);
        return new(name, file, Subgraph.Keep(file, [.. outputs.Select(output => output.Item1)]), metadata, (int)width.DimValue);
    }

    /// <summary>A composed model that is an embedder needs its heads no more.</summary>
    static ModelProto WithoutHeads(ModelProto model, ModelMetadata metadata)
    {
        var heads = metadata.Parts.Where(part => part.Head is not null).Select(part => ModelNames.Logits(part.Name)).ToHashSet();
        if (heads.Count == 0)
        {
            return model;
        }
        model = model.Clone();
        var graph = model.Graph;
        graph.Node.Keep(node => !node.Output.Any(output => heads.Contains(output) || WeightsHash.IsOfHead(output)));
        graph.Output.Keep(output => !heads.Contains(output.Name));
        graph.Initializer.Keep(tensor => !WeightsHash.IsOfHead(tensor.Name));
        graph.SparseInitializer.Keep(sparse => !WeightsHash.IsOfHead(sparse.Values.Name));
        graph.ValueInfo.Keep(value => !WeightsHash.IsOfHead(value.Name));
        graph.QuantizationAnnotation.Keep(annotation => !WeightsHash.IsOfHead(annotation.TensorName));
        model.MetadataProps.Keep(pair => !PartRecord.IsOfHead(pair.Key));
        ModelProperties.Write(model, (metadata with { Parts = [.. metadata.Parts.Where(part => part.Head is null)] }).ToProperties());
        return model;
    }

    static void EnsureType(string part, string direction, IEnumerable<ValueInfoProto> values, string name, DataType type, int rank)
    {
        var found = values.FirstOrDefault(value => value.Name == name);
        var tensor = found?.Type?.TensorType;
        if (tensor?.ElemType != (int)type || tensor.Shape?.Dim.Count != rank)
        {
            var what = found is null ? $"no {direction} '{name}'" : $"the {direction} '{name}' as {OnnxValues.Describe(found.Type)}";
            throw new OnnxModelException($"Part '{part}' has {what}; expected {ElementType.Name((int)type)} of rank {rank}. " +
                "Export it with 'cclm export'.");
        }
    }
}
