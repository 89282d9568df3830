using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Tells every position what the whole text says: <c>x -> [x | relu(W max_t(x) + b)]</c>.</summary>
public sealed class GlobalBroadcast : Layer
{
    readonly Linear summary;

    /// <param name="inputs">C, the channels of x.</param>
    /// <param name="filters">D, the channels added.</param>
    public GlobalBroadcast(int inputs, int filters) : base(nameof(GlobalBroadcast))
    {
        summary = Linear(inputs, filters);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,C+D]
    {
        var global = summary.call(x.max_over_time()).relu();                // [B,1,D]
        return x.cat(global.repeat_over_time(x));
    }
}
