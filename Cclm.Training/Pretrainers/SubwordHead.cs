using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Compares what is said of a masked piece with every piece there is, or with some.</summary>
sealed class SubwordHead : Module<Tensor, Tensor>
{
    readonly Linear project;
    readonly LayerNorm norm;
    readonly Embedding table, bias;
    readonly Tensor distribution;

    /// <param name="width">C, the tower's channels.</param>
    /// <param name="shared">D, the channels in which pieces are compared.</param>
    /// <param name="pieces">V</param>
    public SubwordHead(int width, int shared, int pieces) : base(nameof(SubwordHead))
    {
        (project, norm) = (Linear(width, shared), LayerNorm(shared));
        (table, bias) = (Embedding(pieces, shared).StartSmall(), Embedding(pieces, 1));
        init.zeros_(bias.weight!);
        distribution = tensor(Enumerable.Range(0, pieces).Select(rank => (float)(Math.Log((rank + 2.0) / (rank + 1)) / Math.Log(pieces + 1))).ToArray());
        RegisterComponents();
    }

    /// <summary>How often a piece is drawn [V]: log-uniform by its id, for a tokenizer's pieces come roughly from the most to the least frequent.</summary>
    public Tensor LogUniform => distribution.to(table.weight!.device);

    /// <summary>[N,C] -> [N,D]</summary>
    public override Tensor forward(Tensor x) => norm.call(functional.gelu(project.call(x)));

    /// <summary>[N,D] -> [N,V]</summary>
    public Tensor AllLogits(Tensor vectors) => functional.linear(vectors, table.weight!, bias.weight!.squeeze(1));

    /// <summary>Each vector with the same pieces: [N,D], [S] -> [N,S].</summary>
    public Tensor LogitsOf(Tensor vectors, Tensor pieces) => functional.linear(vectors, table.call(pieces), bias.call(pieces).squeeze(-1));

    /// <summary>Each vector with pieces of its own: [..,D], [..] -> [..].</summary>
    public Tensor Logits(Tensor vectors, Tensor pieces) => table.call(pieces).mul(vectors).sum(-1).Plus(bias.call(pieces).squeeze(-1));
}
