using Onnx;

namespace Cclm.Export;

/// <summary>A composed model: inputs, embedder, towers, what joins them and what answers from them, outputs.</summary>
sealed class DiagramOfParts(ModelProto model, ModelMetadata metadata)
{
    const int InputLayer = 0, EmbedderLayer = 1, TowerLayer = 2, StageLayer = 3, OutputLayer = 4;

    readonly List<DiagramBox> boxes = [];
    readonly List<DiagramArrow> arrows = [];
    readonly IReadOnlyList<PartSummary> summaries = ModelSummary.Of(model).Parts;

    public ModelDiagram Draw()
    {
        var inputs = model.Graph.Input.Select(input => Add(DiagramOfModel.Edge(InputLayer, input))).ToArray();
        var embedder = AddPart(0, EmbedderLayer, inputs);
        var towers = Of(part => part is { Hidden: not null, Head: null }).Select(i => (metadata.Parts[i].Name, Box: AddPart(i, TowerLayer, embedder))).ToArray();
        var all = towers.Select(tower => tower.Box).ToArray();
        var joined = towers.Length > 1 ? Add(new(StageLayer, DiagramKind.Stage, "concat", [$"{towers.Length} towers"]), all) : all.Single();
        int? pooled = metadata.Pooling is { } pooling ? Add(new(StageLayer, DiagramKind.Stage, "pool", [pooling]), all) : null;
        var heads = Of(part => part.Head is not null).ToDictionary(i => ModelNames.Logits(metadata.Parts[i].Name),
            i => AddPart(i, StageLayer, [.. towers.Where(tower => metadata.Parts[i].Head!.Towers.Any(read => read.Name == tower.Name)).Select(tower => tower.Box)]));
        foreach (var output in model.Graph.Output.OrderBy(output => output.Name == ModelNames.Mask))        // its arrow goes below all others
        {
            Add(DiagramOfModel.Edge(OutputLayer, output), output.Name switch
            {
                ModelNames.Mask => embedder,
                ModelNames.Embedding when pooled is { } pool => pool,
                var name => heads.GetValueOrDefault(name, joined),
            });
        }
        return new($"CCLM model of {string.Join(", ", metadata.Parts.Select(part => part.Name))}", boxes, arrows);
    }

    IEnumerable<int> Of(Func<ModelPart, bool> kind) => Enumerable.Range(0, metadata.Parts.Count).Where(i => kind(metadata.Parts[i]));

    int AddPart(int index, int layer, params int[] reads)
    {
        var (part, summary) = (metadata.Parts[index], summaries[index]);
        var outline = PartRecord.Outline(model, part.Path);
        var lines = (outline?.Graph?.Output.FirstOrDefault()?.Type is { } type ? [OnnxValues.Describe(type)] : part.Hidden is { } slice ? [$"{slice.Width} channels"] : (string[])[])
            .Concat(DiagramOfModel.Answer(part.Head)).Concat(part.Kind == "composed" ? ["a composed model"] : (string[])[]);
        return Add(new(layer, DiagramOfModel.KindOf(part.Kind), part.Name, [.. lines, .. DiagramOfModel.Size(summary.Parameters, summary.Bytes)]), reads);
    }

    int Add(DiagramBox box, params int[] reads)
    {
        boxes.Add(box);
        arrows.AddRange(reads.Select(read => new DiagramArrow(read, boxes.Count - 1)));
        return boxes.Count - 1;
    }
}
