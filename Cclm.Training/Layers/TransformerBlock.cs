using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Where a transformer block normalises.</summary>
public enum NormPlacement
{
    /// <summary>Before each sublayer (Xiong et al. 2020): trains without a long warm-up.</summary>
    Pre,

    /// <summary>After each residual sum (Vaswani et al. 2017).</summary>
    Post,
}

/// <summary>Self-attention and a feed-forward layer, each with a residual, dropout and layer normalisation.</summary>
public sealed class TransformerBlock : Layer
{
    readonly Linear qkv, output, up, down;
    readonly LayerNorm norm1, norm2;
    readonly Dropout dropout;
    readonly int heads, headWidth;
    readonly NormPlacement norm;
    readonly bool causal;

    /// <param name="width">C; <see cref="TransformerOptions.Heads"/> divides it.</param>
    /// <param name="options">Heads, feed-forward width, dropout, norm placement, and whether it is causal.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    public TransformerBlock(int width, TransformerOptions options) : base(nameof(TransformerBlock))
    {
        if (options.Heads < 1 || width % options.Heads != 0)
        {
            throw new ArgumentException($"{options.Heads} heads do not divide {width} channels. Choose a number of heads that does, or another width.", nameof(options));
        }
        (heads, headWidth, norm, causal) = (options.Heads, width / options.Heads, options.Norm, options.Causal);
        (qkv, output) = (Linear(width, 3 * width), Linear(width, width));
        (up, down) = (Linear(width, options.FeedForward), Linear(options.FeedForward, width));
        (norm1, norm2) = (LayerNorm(width), LayerNorm(width));
        dropout = Dropout(options.Dropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value x)                                  // [B,T,C] -> [B,T,C]
    {
        if (norm == NormPlacement.Pre)
        {
            x += dropout.call(Attend(norm1.call(x)));
            return x + dropout.call(Feed(norm2.call(x)));
        }
        x = norm1.call(x + dropout.call(Attend(x)));
        return norm2.call(x + dropout.call(Feed(x)));
    }

    Value Attend(Value x) => output.call(qkv.call(x).attention(heads, headWidth, causal));

    Value Feed(Value x) => down.call(up.call(x).relu());
}
