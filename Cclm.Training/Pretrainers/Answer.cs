using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>What a head says to a batch, and what it should have said.</summary>
/// <param name="Output">Logits [N,K] where classes are asked for; else what the task's loss compares.</param>
/// <param name="Expected">The classes [N]; else what the task's loss compares with.</param>
public record Answer(Tensor Output, Tensor Expected)
{
    /// <summary>N, how much was asked; it may be nothing.</summary>
    public long Count => Expected.shape[0];

    /// <summary>The likeliest class of each that was asked for.</summary>
    public long[] Classes => Output.argmax(-1).cpu().data<long>().ToArray();
}
