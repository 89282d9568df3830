using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>GCN (Kipf and Welling 2017, equation 2): W times the sum of x_v / sqrt((d_u + 1)(d_v + 1)) over the neighbours v of u, and u itself; d are degrees.</summary>
/// <remarks>Of d_u neighbours some are drawn; their sum is scaled to all of them, so that it is right in the mean.</remarks>
sealed class GcnLayer : GraphLayer
{
    readonly Linear weight;

    public GcnLayer(int input, int width) : base(nameof(GcnLayer))
    {
        weight = Linear(input, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Messages messages)
    {
        var scale = messages.Degrees.Plus(ones_like(messages.Degrees)).rsqrt().unsqueeze(1);                                 // [M,1]
        var ofAll = messages.Degrees.div(messages.Drawn.clamp_min(Scalars.One)).unsqueeze(1);               // [M,1]
        var scaled = x.mul(scale);
        var neighbours = messages.Sum(scaled.index_select(0, messages.From)).mul(ofAll);                    // [M,C]
        return weight.call(neighbours.Plus(scaled).mul(scale));                                             // [M,C']
    }
}
