using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

static class Initialization
{
    /// <summary>A table starts with a small standard deviation, so that at first it does not drown what it is added to: positions with 0.02, as in GPT-2.</summary>
    public static Embedding StartSmall(this Embedding table, double deviation = 0.02)
    {
        using var gradients = no_grad();
        var weight = table.weight!;         // a new object on every access, which would not outlive the call by itself
        init.normal_(weight, 0, deviation);
        GC.KeepAlive(weight);
        return table;
    }
}
