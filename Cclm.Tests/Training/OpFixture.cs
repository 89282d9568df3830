using Cclm.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Tests.Training;

/// <summary>One op around every stock layer, each of a width of its own.</summary>
sealed class OpFixture : Layer
{
    const int Channels = 10;

    public readonly Linear linear, unbiased, tripled;
    public readonly Conv1d conv, dilated, unpadded, striding;
    public readonly LayerNorm norm;
    public readonly Embedding embedding;
    public readonly Dropout drop;
    readonly Func<OpFixture, Value, Value> op;

    public OpFixture(Func<OpFixture, Value, Value> op) : base(nameof(OpFixture))
    {
        random.manual_seed(1);
        this.op = op;
        (linear, unbiased, tripled) = (Linear(Channels, 4), Linear(Channels, 7, hasBias: false), Linear(Channels, 3 * Channels));
        (conv, dilated) = (Conv1d(Channels, 6, 5, padding: 2L), Conv1d(Channels, 4, 3, padding: 2L, dilation: 2, groups: 2, bias: false));
        striding = Conv1d(Channels, Channels, 5, stride: 3, padding: 2L);
        unpadded = Conv1d(Channels, 6, 4, dilation: 2);
        (norm, embedding, drop) = (LayerNorm(Channels), Embedding(20, Channels), Dropout(0.5));
        init.uniform_(norm.weight!, 0.5, 1.5);
        init.normal_(norm.bias!);
        RegisterComponents();
    }

    public override Value forward(Value x) => op(this, x);
}

/// <summary>A tower of another width than its embedder's.</summary>
sealed class ConvTower : Tower
{
    readonly Conv1d conv;

    public ConvTower(Embedder embedder, int width = 7) : base(embedder, width, new ConvTowerOptions(width))
    {
        conv = Conv1d(embedder.Width, width, 3, padding: 1L);
        RegisterComponents();
    }

    public override Value forward(Value x) => conv.call(x).tanh();
}

/// <summary>What a <see cref="ConvTower"/> is made with.</summary>
sealed record ConvTowerOptions(int Width);
