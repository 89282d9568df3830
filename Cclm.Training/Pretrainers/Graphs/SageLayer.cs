using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>GraphSAGE with the mean (Hamilton et al. 2017, algorithm 1): W x_u + W' mean x_v over the neighbours v that were drawn; 0 where there are none.</summary>
sealed class SageLayer : GraphLayer
{
    readonly Linear own, neighbours;

    public SageLayer(int input, int width) : base(nameof(SageLayer))
    {
        (own, neighbours) = (Linear(input, width), Linear(input, width, hasBias: false));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Messages messages)
    {
        var mean = messages.Sum(x.index_select(0, messages.From)).div(messages.Drawn.clamp_min(Scalars.One).unsqueeze(1));     // [M,C]
        return own.call(x).Plus(neighbours.call(mean));                                                                         // [M,C']
    }
}
