using Onnx;

namespace Cclm.Export;

/// <summary>A picture of a model: its parts as boxes in layers, and what flows between them.</summary>
/// <param name="Title">What the picture shows, in a few words.</param>
/// <param name="Boxes">The boxes, those of a layer from top to bottom.</param>
/// <param name="Arrows">What flows from box to box, by their places in <paramref name="Boxes"/>.</param>
public sealed record ModelDiagram(string Title, IReadOnlyList<DiagramBox> Boxes, IReadOnlyList<DiagramArrow> Arrows)
{
    /// <summary>Draws a composed model by its parts, and any other as one box between its inputs and outputs.</summary>
    /// <exception cref="OnnxModelException">The model's CCLM metadata are damaged.</exception>
    public static ModelDiagram Of(ModelProto model) => DiagramOfModel.Draw(model);

    /// <summary>The picture as a flowchart in Mermaid, which GitHub and others draw in Markdown.</summary>
    public string ToMermaid() => MermaidDiagram.Write(this);

    /// <summary>The picture as an SVG file of its own, for light and dark pages.</summary>
    public string ToSvg() => SvgDiagram.Write(this);

    /// <summary>The picture in words, for those who can not see it.</summary>
    public string Describe() => string.Join("; ", Boxes.Select((box, i) => (Box: box, To: string.Join(", ", Arrows.Where(arrow => arrow.From == i).Select(arrow => Boxes[arrow.To].Title))))
        .Select(flow => string.Join(", ", flow.Box.Lines.Prepend(flow.Box.Title)) + (flow.To.Length > 0 ? $" \u2192 {flow.To}" : ""))) + ".";
}

/// <summary>One box of a <see cref="ModelDiagram"/>.</summary>
/// <param name="Layer">Its column, from 0 on the left.</param>
/// <param name="Kind">What it stands for, which gives it its colour.</param>
/// <param name="Title">Its name.</param>
/// <param name="Lines">What is said of it: shapes, parameters, bytes.</param>
public sealed record DiagramBox(int Layer, DiagramKind Kind, string Title, IReadOnlyList<string> Lines);

/// <summary>An arrow of a <see cref="ModelDiagram"/>.</summary>
/// <param name="From">The box where it begins.</param>
/// <param name="To">The box where it ends, in a later layer.</param>
public sealed record DiagramArrow(int From, int To);

/// <summary>What a box of a <see cref="ModelDiagram"/> stands for.</summary>
public enum DiagramKind
{
    /// <summary>An input or output of the model.</summary>
    Edge,

    /// <summary>An embedder, or a composed model in its place.</summary>
    Embedder,

    /// <summary>A tower.</summary>
    Tower,

    /// <summary>A head.</summary>
    Head,

    /// <summary>What joins towers: concatenation, pooling.</summary>
    Stage,

    /// <summary>A model of which no parts are known.</summary>
    Model,
}
