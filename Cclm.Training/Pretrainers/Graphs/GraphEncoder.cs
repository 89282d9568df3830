using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>The vectors of nodes from what is said of their texts and of those around them: mean and maximum of each channel, normalised, then one graph convolution a distance.</summary>
sealed class GraphEncoder : Module<Value.Torch, Batch, Tensor>
{
    readonly ModuleList<GraphLayer> layers;
    readonly int asked;

    /// <param name="width">C, the tower's channels.</param>
    /// <param name="asked">How many nodes an example asks about: one, or the two of an edge.</param>
    /// <param name="options">Kind, number and width of the layers.</param>
    public GraphEncoder(int width, int asked, GraphOptions options) : base(nameof(GraphEncoder))
    {
        (this.asked, Width) = (asked, options.FanOuts.Count > 0 ? options.Width : 2 * width);
        layers = new([.. options.FanOuts.Select((_, i) => GraphLayer.Of(options.Convolution, i == 0 ? 2 * width : options.Width, options.Width))]);
        RegisterComponents();
    }

    /// <summary>D, the channels of a node's vector.</summary>
    public int Width { get; }

    /// <summary>What the tower says of the texts that are read [N,T,C] to the nodes that are asked about [A,D].</summary>
    public override Tensor forward(Value.Torch hidden, Batch batch)
    {
        var device = hidden.Tensor.device;
        var messages = Messages.Of([.. batch.Examples.Cast<GraphExample>().Select(example => example.Around)], asked, device);
        var pooled = PooledVectors.MeanMax(hidden);                                                         // [N,2C]
        var x = functional.layer_norm(pooled, [pooled.shape[1]]).index_select(0, batch.PlacesOn(device));   // [M,2C]
        for (var i = 0; i < layers.Count; i++)
        {
            x = layers[i].call(i == 0 ? x : x.relu(), messages);                                            // [M,D]
        }
        return x.index_select(0, messages.Asked);
    }
}
