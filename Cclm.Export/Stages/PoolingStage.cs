using System.Runtime.InteropServices;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Adds a pooled vector to a graph: [B,T,C_i] of each tower -> [B,D_i] -> [B,D].</summary>
/// <remarks>
/// Padding has no part in it, whatever stands there, infinities too. A text of nothing but padding becomes zeros.
/// The nodes of a slice: <c>Where(mask, x, 0)</c>, <c>ReduceSum</c> and <c>Div</c> by the count (mean); <c>Where(mask, x, lowest)</c> and
/// <c>ReduceMax</c> (maximum); <c>ArgMax</c> of the mask, last index first, and <c>GatherND</c> (cls); <c>Concat</c> (mean and maximum);
/// <c>LayerNormalization</c> with a scale of ones; <c>Div</c> by the length times the root of the number of slices.
/// </remarks>
public static class PoolingStage
{
    const float LayerNormEpsilon = 1e-5f;   // torch's default
    const float Shortest = 1e-12f;          // a shorter vector is divided by this: zeros stay zeros

    /// <summary>Pools each tower's hidden state and joins the slices.</summary>
    /// <param name="graph">The graph that receives the nodes.</param>
    /// <param name="options">What to do.</param>
    /// <param name="mask">[B,T] bool, true where a character stands.</param>
    /// <param name="towers">[B,T,C_i] float of each tower, and C_i.</param>
    /// <returns>[B,D] float.</returns>
    public static Edge Apply(OnnxGraph graph, PoolingOptions options, Edge mask, params ReadOnlySpan<(Edge Hidden, int Width)> towers)
    {
        using var scope = graph.Scope("pooling");
        var positions = new Positions(graph, mask);
        var slices = new Edge[towers.Length];
        for (var i = 0; i < towers.Length; i++)
        {
            var (hidden, channels) = towers[i];
            var slice = options.Pooling switch
            {
                Pooling.Mean => positions.Mean(hidden),
                Pooling.Max => positions.Max(hidden),
                Pooling.MeanMax => graph.Op("Concat", [positions.Mean(hidden), positions.Max(hidden)], ("axis", 1)),
                Pooling.Cls => positions.Last(hidden),
                _ => throw new ArgumentOutOfRangeException(nameof(options), options.Pooling, "Expected Mean, Max, MeanMax or Cls."),
            };
            slice = options.LayerNorm ? LayerNorm(graph, slice, options.Width(channels)) : slice;
            slices[i] = options.Normalise ? Normalise(graph, slice, towers.Length) : slice;
        }
        return slices.Length == 1 ? slices[0] : graph.Op("Concat", slices, ("axis", 1));
    }

    static Edge LayerNorm(OnnxGraph graph, Edge x, int width)
    {
        var ones = new float[width];
        Array.Fill(ones, 1);
        var scale = graph.Constant(OnnxValues.Tensor("", DataType.Float, MemoryMarshal.AsBytes<float>(ones), width));
        return graph.Op("LayerNormalization", [x, scale], ("axis", -1), ("epsilon", LayerNormEpsilon));
    }

    static Edge Normalise(OnnxGraph graph, Edge x, int slices)
    {
        var length = graph.Op("ReduceL2", [x, graph.Constant(1)], ("keepdims", 1));                 // [B,1]
        var scaled = graph.Op("Mul", [graph.Op("Max", [length, graph.Scalar(Shortest)]), graph.Scalar(MathF.Sqrt(slices))]);
        return graph.Op("Div", [x, scaled]);
    }

    /// <summary>The positions that are pooled, and what they are pooled to: [B,T,C] -> [B,C].</summary>
    sealed class Positions
    {
        readonly OnnxGraph graph;
        readonly Edge kept, count, empty, time;

        public Positions(OnnxGraph graph, Edge mask)
        {
            this.graph = graph;
            time = graph.Constant(1);
            kept = mask;
            count = graph.Op("ReduceSum", [graph.Op("Cast", [mask], ("to", DataType.Float)), time], ("keepdims", 1));  // [B,1]
            empty = graph.Op("Equal", [count, graph.Scalar(0f)]);                                                      // [B,1]
        }

        public Edge Mean(Edge hidden) => graph.Op("Div",
            [graph.Op("ReduceSum", [Masked(hidden, 0), time], ("keepdims", 0)), graph.Op("Max", [count, graph.Scalar(1f)])]);

        public Edge Max(Edge hidden) => ZeroWhereEmpty(graph.Op("ReduceMax", [Masked(hidden, float.MinValue), time], ("keepdims", 0)));

        public Edge Last(Edge hidden)
        {
            var index = graph.Op("ArgMax", [graph.Op("Cast", [kept], ("to", DataType.Int32))], ("axis", 1), ("keepdims", 1), ("select_last_index", 1));
            return ZeroWhereEmpty(graph.Op("GatherND", [hidden, index], ("batch_dims", 1)));        // [B,1] picks [B,C]
        }

        Edge Masked(Edge hidden, float padding) =>
            graph.Op("Where", [graph.Op("Unsqueeze", [kept, graph.Constant(2)]), hidden, graph.Scalar(padding)]);

        Edge ZeroWhereEmpty(Edge x) => graph.Op("Where", [empty, graph.Scalar(0f), x]);
    }
}
