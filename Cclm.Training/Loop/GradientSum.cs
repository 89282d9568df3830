using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The gradients of parts of a batch that one thread takes one after the other, summed.</summary>
/// <param name="parameters">Of what.</param>
sealed class GradientSum(IList<Tensor> parameters) : IDisposable
{
    readonly Tensor?[] sums = new Tensor?[parameters.Count];

    /// <summary>Of each parameter; null where it has none.</summary>
    public IReadOnlyList<Tensor?> Gradients => sums;

    /// <summary>Adds the gradients of a loss.</summary>
    public void AddOf(Tensor loss)
    {
        if (!loss.requires_grad)
        {
            return;
        }
        using var scope = NewDisposeScope();
        var gradients = autograd.grad([loss], parameters, allow_unused: true);
        for (var i = 0; i < sums.Length; i++)
        {
            if (gradients[i].IsInvalid)
            {
                continue;
            }
            if (sums[i] is { is_sparse: false } sum)
            {
                sum.add_(gradients[i], Scalars.One);
                continue;
            }
            using var before = sums[i];
            sums[i] = (before?.add(gradients[i], Scalars.One) ?? gradients[i].clone()).DetachFromDisposeScope();     // several parameters may have one gradient in common
        }
    }

    public void Dispose()
    {
        foreach (var sum in sums)
        {
            sum?.Dispose();
        }
    }
}
