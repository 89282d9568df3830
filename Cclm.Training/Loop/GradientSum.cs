using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The gradients of losses that one thread computes one after the other: summed, but for those of tables, which are of few rows each.</summary>
/// <param name="parameters">Of what.</param>
sealed class GradientSum(IList<Tensor> parameters) : IDisposable
{
    readonly List<Tensor?[]> terms = [];

    /// <summary>What is to be summed; in each the gradient of each parameter, null where there is none.</summary>
    public IReadOnlyList<IReadOnlyList<Tensor?>> Terms => terms;

    /// <summary>Adds the gradients of a loss.</summary>
    public void AddOf(Tensor loss)
    {
        if (!loss.requires_grad)
        {
            return;
        }
        using var scope = NewDisposeScope();
        var gradients = autograd.grad([loss], parameters, allow_unused: true);
        var term = new Tensor?[gradients.Count];
        for (var i = 0; i < term.Length; i++)
        {
            if (gradients[i].IsInvalid)
            {
                continue;
            }
            if (!gradients[i].is_sparse && terms.Count > 0 && terms[0][i] is { } sum)
            {
                terms[0][i] = sum.add(gradients[i], Scalars.One).DetachFromDisposeScope();      // not in place: several parameters may have one gradient in common
                sum.Dispose();
            }
            else
            {
                term[i] = gradients[i].DetachFromDisposeScope();
            }
        }
        terms.Add(term);
    }

    public void Dispose() => terms.ForEach(term => Array.ForEach(term, gradient => gradient?.Dispose()));
}
