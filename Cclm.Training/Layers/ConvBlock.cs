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
    readonly bool causal;

    /// <param name="inputs">Channels in.</param>
    /// <param name="options">Filters F, global filters, kernel size and dropout, and whether it is causal.</param>
    public ConvBlock(int inputs, EmbedderOptions options) : base(nameof(ConvBlock))
    {
        causal = options.Causal;
        var padding = causal ? 0 : options.KernelSize / 2;
        conv1 = Conv1d(inputs, options.Filters, options.KernelSize, padding: padding);
        conv2 = Conv1d(options.Filters, options.Filters, options.KernelSize, padding: padding);
        conv3 = Conv1d(options.Filters + options.GlobalFilters, options.Filters, options.KernelSize, padding: padding);
        dropout = Dropout(options.Dropout);
        broadcast = new(options.Filters, options.GlobalFilters, causal ? options.MaxLength : null);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,F]
    {
        x = Convolve(conv1, x);
        var y = Convolve(conv2, dropout.call(x));
        return x + Convolve(conv3, broadcast.call(y));
    }

    Value Convolve(Conv1d convolution, Value x) => (causal ? convolution.causal(x) : convolution.call(x)).leaky_relu(Slope);
}
