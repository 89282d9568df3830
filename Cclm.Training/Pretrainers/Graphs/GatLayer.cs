using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// GAT (Veličković et al. 2018, equations 1 to 5): of W x_v as much as softmax of LeakyReLU(a·W x_v + b·W x_u) says, over the neighbours v of u
/// that were drawn, and u itself; heads side by side.
/// </summary>
sealed class GatLayer : GraphLayer
{
    /// <summary>H</summary>
    public const int Heads = 4;

    const double Slope = 0.2, Smallest = 1e-30;

    readonly Linear weight;
    readonly Parameter from, to, bias;

    public GatLayer(int input, int width) : base(nameof(GatLayer))
    {
        weight = Linear(input, width, hasBias: false);
        from = new(init.xavier_uniform_(empty(Heads, width / Heads)));
        to = new(init.xavier_uniform_(empty(Heads, width / Heads)));
        bias = new(zeros(width));
        RegisterComponents();
    }

    /// <remarks>No score of a node is above the one that the largest sender anywhere would give it, as LeakyReLU only rises; less that one, nothing overflows.</remarks>
    public override Tensor forward(Tensor x, Messages messages)
    {
        var projected = weight.call(x).view(x.shape[0], Heads, -1);                                         // [M,H,D]
        var (sent, received) = (projected.mul(from).sum(-1), projected.mul(to).sum(-1));                    // [M,H]
        var most = Score(sent.amax([0], keepdim: true), received).detach();                                 // [M,H]
        var own = Score(sent, received).sub(most).exp();                                                    // [M,H]
        var others = Score(sent.index_select(0, messages.From), received.index_select(0, messages.To)).sub(most.index_select(0, messages.To)).exp();    // [E,H]
        var sum = messages.Sum(projected.index_select(0, messages.From).mul(others.unsqueeze(-1))).Plus(projected.mul(own.unsqueeze(-1)));              // [M,H,D]
        var total = messages.Sum(others).Plus(own).clamp_min(Scalars.Kept(Smallest)).unsqueeze(-1);         // [M,H,1]
        return sum.div(total).view(x.shape[0], -1).Plus(bias);                                              // [M,H*D]
    }

    static Tensor Score(Tensor sent, Tensor received) => sent.Plus(received).leaky_relu(Scalars.Kept(Slope));
}
