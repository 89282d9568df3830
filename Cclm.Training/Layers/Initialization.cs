using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

static class Initialization
{
    /// <summary>A table of positions starts small (0.02, as in GPT-2), so that at first it does not drown what it is added to.</summary>
    public static Embedding StartSmall(this Embedding positions)
    {
        using var gradients = no_grad();
        init.normal_(positions.weight!, 0, 0.02);
        return positions;
    }
}
