using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>What stands on a tower or on all towers of a composed model and answers: hidden [B,T,C] to logits [B,K], or [B,T,K] where characters are tagged.</summary>
public sealed class Head : Layer
{
    readonly Linear? attend;
    readonly LayerNorm? norm;
    readonly Dropout dropout;
    readonly Linear output;

    /// <exception cref="ArgumentException">There are not two labels, or an option is out of range.</exception>
    public Head(HeadDefinition definition) : base(nameof(Head))
    {
        definition.Options.Check();
        Definition = definition;
        var (width, options) = (definition.Width, definition.Options);
        attend = Pooling == HeadPooling.Attention ? Linear(width, 1) : null;
        width *= Pooling == HeadPooling.MeanMax ? 2 : 1;
        norm = options.LayerNorm ? LayerNorm(width) : null;
        (dropout, output) = (Dropout(options.Dropout), Linear(width, new LabelSet(definition.Labels).All.Count));
        RegisterComponents();
    }

    /// <summary>What the head was made with.</summary>
    public HeadDefinition Definition { get; }

    /// <inheritdoc/>
    public override Value forward(Value hidden)                             // [B,T,C] -> [B,K] or [B,T,K]
    {
        var x = Pooling switch
        {
            HeadPooling.MeanMax => hidden.mean_over_time().cat(hidden.max_over_time()),
            HeadPooling.Mean => hidden.mean_over_time(),
            HeadPooling.Max => hidden.max_over_time(),
            HeadPooling.Cls => hidden.last_over_time(),
            HeadPooling.Attention => (hidden * attend!.call(hidden).softmax_over_time()).sum_over_time(),
            _ => hidden,
        };                                                                  // [B,1,C'] or [B,T,C]
        var logits = output.call(dropout.call(norm is null ? x : norm.call(x)));
        return Pooling is null ? logits : logits.squeeze_time();
    }

    /// <summary>Null where every character is answered for.</summary>
    HeadPooling? Pooling => Definition.Task == HeadTask.Tagging ? null : Definition.Options.Pooling;
}
