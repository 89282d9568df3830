using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>One graph convolution: nodes [M,C] to nodes [M,C'] over the messages between them. It trains, and does not ship.</summary>
abstract class GraphLayer(string name) : Module<Tensor, Messages, Tensor>(name)
{
    /// <summary>A layer of a kind.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="input">C</param>
    /// <param name="width">C'</param>
    public static GraphLayer Of(GraphConvolution kind, int input, int width) => kind switch
    {
        GraphConvolution.Gcn => new GcnLayer(input, width),
        GraphConvolution.Gat => new GatLayer(input, width),
        _ => new SageLayer(input, width),
    };
}
