using System.Numerics.Tensors;

namespace Cclm.Inference;

static class Numbers
{
    /// <exception cref="CclmModelException">A number is not finite.</exception>
    public static ReadOnlySpan<float> Finite(ReadOnlySpan<float> values, int text) => values.IsEmpty || TensorPrimitives.IsFiniteAll(values) ? values
        : throw new CclmModelException($"The model's numbers for text {text} are not all finite (NaN or infinity): " +
            "its weights are damaged, or training diverged. Export it again from a checkpoint of a run whose loss was finite.");
}
