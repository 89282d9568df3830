using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Vectors [B,D] with mean 0 and variance 1 in each dimension over the texts (batch normalisation without weights, Ioffe and Szegedy 2015), then a linear layer: [B,D] -> [B,D'].</summary>
/// <remarks>What all texts' vectors have in common is most of each. A linear layer on what is left learns in hundreds of steps what takes it thousands otherwise.</remarks>
sealed class Standardized : Module<Tensor, Tensor>
{
    readonly TorchSharp.Modules.BatchNorm1d norm;
    readonly TorchSharp.Modules.Linear output;

    public Standardized(int inputs, int outputs) : base(nameof(Standardized))
    {
        (norm, output) = (BatchNorm1d(inputs, affine: false), Linear(inputs, outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor vectors)
    {
        // One text has no variance; it is seen as all before it were.
        var alone = training && vectors.shape[0] == 1;
        return output.call(alone ? functional.batch_norm(vectors, norm.running_mean!, norm.running_var!) : norm.call(vectors));
    }
}
