using Onnx;

namespace Cclm.Export;

/// <summary>How a weight differs between two models.</summary>
/// <param name="Name">Its name in the part.</param>
/// <param name="Before">Type and shape in the earlier model, such as <c>float[64,32]</c>; null where it has no such weight.</param>
/// <param name="After">Type and shape in the later model.</param>
/// <param name="RelativeChange">The L2 norm of the difference over that of the earlier weight; null where the shapes differ, or where a norm of 0 is no measure.</param>
public sealed record TensorDiff(string Name, string? Before, string? After, double? RelativeChange)
{
    /// <summary>Null where the two are equal.</summary>
    /// <param name="name">The weight's name.</param>
    /// <param name="before">The earlier weight.</param>
    /// <param name="after">The later one.</param>
    /// <param name="squares">Sums over the elements: of the squared difference and of the squared earlier values; zeros where they can not be compared.</param>
    internal static TensorDiff? Of(string name, TensorProto? before, TensorProto? after, out (double Difference, double Before) squares)
    {
        var (old, now) = (before is null ? null : OnnxValues.Describe(before), after is null ? null : OnnxValues.Describe(after));
        squares = default;
        if (before is null || after is null || !before.Dims.Equals(after.Dims) || TensorNumbers.Of(before) is not { } x || TensorNumbers.Of(after) is not { } y || x.Length != y.Length)
        {
            return before is not null && after is not null && old == now && TensorData.Bytes(before).Span.SequenceEqual(TensorData.Bytes(after).Span) ? null : new(name, old, now, null);
        }
        for (var i = 0; i < x.Length; i++)
        {
            squares.Difference += (y[i] - x[i]) * (y[i] - x[i]);
            squares.Before += x[i] * x[i];
        }
        return squares.Difference == 0 && old == now ? null : new(name, old, now, Ratio(squares.Difference, squares.Before));
    }

    /// <summary>The root of one sum of squares over that of another.</summary>
    internal static double? Ratio(double difference, double before) => before > 0 && double.IsFinite(difference) && double.IsFinite(before) ? Math.Sqrt(difference / before) : null;
}
