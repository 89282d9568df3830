using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Three convolutions of one length, a global broadcast before the third, and a residual from the first.</summary>
public sealed class ConvBlock : Layer
{
    const float Slope = 0.1f;

    readonly Conv1d conv1, conv2, conv3;
    readonly Dropout dropout;
    readonly GlobalBroadcast broadcast;

    /// <param name="inputs">Channels in.</param>
    /// <param name="options">Filters F, global filters, kernel size and dropout.</param>
    public ConvBlock(int inputs, EmbedderOptions options) : base(nameof(ConvBlock))
    {
        var padding = options.KernelSize / 2;
        conv1 = Conv1d(inputs, options.Filters, options.KernelSize, padding: padding);
        conv2 = Conv1d(options.Filters, options.Filters, options.KernelSize, padding: padding);
        conv3 = Conv1d(options.Filters + options.GlobalFilters, options.Filters, options.KernelSize, padding: padding);
        dropout = Dropout(options.Dropout);
        broadcast = new(options.Filters, options.GlobalFilters);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,F]
    {
        x = conv1.call(x).leaky_relu(Slope);
        var y = conv2.call(dropout.call(x)).leaky_relu(Slope);
        return x + conv3.call(broadcast.forward(y)).leaky_relu(Slope);
    }
}
