using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>A part of a composition: a model that passed its checks, with what it says of itself.</summary>
/// <param name="Name">The tower's name; <c>embedder</c> for the embedder.</param>
/// <param name="Model">Has the part's outputs and no others.</param>
/// <param name="Metadata">What the file says of itself; its hash was compared with the weights.</param>
/// <param name="Width">Channels of its output <c>hidden</c>.</param>
sealed record Part(string Name, ModelProto Model, ModelMetadata Metadata, int Width)
{
    string Title => Name == "embedder" ? "The embedder" : $"Tower '{Name}'";

    public static Part Embedder(ModelProto model) =>
        Read("embedder", model, ["embedder", "composed"], [(ModelNames.Ids, DataType.Int64, 2)],
            [(ModelNames.Hidden, DataType.Float, 3), (ModelNames.Mask, DataType.Bool, 2)]);

    public static Part Tower(string name, ModelProto model) =>
        Read(name, model, ["tower"], [(ModelNames.Embedded, DataType.Float, 3), (ModelNames.Mask, DataType.Bool, 2)], [(ModelNames.Hidden, DataType.Float, 3)]);

    /// <exception cref="OnnxModelException">The tower was made for another vocabulary, embedder or width.</exception>
    public void EnsureFits(Part embedder, bool allowOtherEmbedder)
    {
        var reads = Model.Graph.Input.First(input => input.Name == ModelNames.Embedded).Type.TensorType.Shape.Dim[2];
        if (reads.HasDimValue && reads.DimValue != embedder.Width)
        {
            throw new OnnxModelException($"{Title} reads {reads.DimValue} channels but the embedder writes {embedder.Width}. " +
                $"Export the tower against this embedder, or put a Linear({embedder.Width}, {reads.DimValue}) before it.");
        }
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
                "Give the embedder first, then the towers.");
        }
        if (WeightsHash.Of(model) is var found && found != metadata.Weights)
        {
            throw new OnnxModelException($"The weights of part '{name}' hash to {found}, but its metadata says {metadata.Weights}: " +
                "the file was changed after its export. Export it again.");
        }
        foreach (var (input, type, rank) in inputs)
        {
            EnsureType(name, "input", model.Graph.Input, input, type, rank);
        }
        foreach (var (output, type, rank) in outputs)
        {
            EnsureType(name, "output", model.Graph.Output, output, type, rank);
        }
        var hidden = model.Graph.Output.First(output => output.Name == ModelNames.Hidden).Type;
        if (hidden.TensorType.Shape.Dim[2] is not { HasDimValue: true, DimValue: > 0 and <= int.MaxValue } width)
        {
            throw new OnnxModelException($"Part '{name}' writes 'hidden' as {OnnxValues.Describe(hidden)}; " +
                "expected a number of channels in its last dimension. Export it again.");
        }
        return new(name, Subgraph.Keep(model, [.. outputs.Select(output => output.Item1)]), metadata, (int)width.DimValue);
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
