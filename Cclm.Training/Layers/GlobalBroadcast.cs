using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Tells every position what the whole text says: <c>x -> [x | relu(W max_t(x) + b)]</c>; causally, what is said until there.</summary>
public sealed class GlobalBroadcast : Layer
{
    readonly Linear summary;
    readonly int? causal;

    /// <param name="inputs">C, the channels of x.</param>
    /// <param name="filters">D, the channels added.</param>
    /// <param name="causal">The longest text, where a position is told of nothing that comes after it; null where it may be.</param>
    public GlobalBroadcast(int inputs, int filters, int? causal = null) : base(nameof(GlobalBroadcast))
    {
        this.causal = causal;
        summary = Linear(inputs, filters);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,C+D]
    {
        if (causal is { } longest)
        {
            return x.cat(summary.call(x.running_max(longest)).relu());      // [B,T,D]
        }
        var global = summary.call(x.max_over_time()).relu();                // [B,1,D]
        return x.cat(global.repeat_over_time(x));
    }
}
