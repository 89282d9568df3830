using System.Text.RegularExpressions;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A module with one definition, <see cref="forward(Value)"/>, that trains on tensors and writes itself to ONNX.</summary>
/// <remarks>
/// Keep every sublayer in a readonly field (several in a <c>ModuleList</c>) and call <c>RegisterComponents()</c> last in the
/// constructor: the field's name becomes the key of its weights in every file.
/// In training several threads go through a layer at once, each with some texts of a batch. So the definition keeps nothing in fields, sees each text for itself,
/// and has its chance from a <c>Dropout</c>.
/// </remarks>
public abstract partial class Layer(string name) : Module<Tensor, Tensor>(name)
{
    /// <summary>True between <see cref="Freeze"/> and <see cref="Unfreeze"/>.</summary>
    public bool Frozen { get; private set; }

    /// <summary>The layer's one definition.</summary>
    public abstract Value forward(Value x);

    /// <summary>Runs the definition, and lets go of all tensors between its input and its output but those that backward needs.</summary>
    public Value call(Value x)
    {
        using var scope = NewDisposeScope();
        var y = forward(x);
        if (y is Value.Torch said)
        {
            scope.MoveToOuter(said.Mask is { } mask ? [said.Tensor, mask] : [said.Tensor]);
        }
        return y;
    }

    /// <summary>Runs the definition on a tensor without padding.</summary>
    public sealed override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return ((Value.Torch)forward(new Value.Torch(x))).Tensor.MoveToOuterDisposeScope();
    }

    /// <summary>Keeps training from changing the layer: no gradients, no dropout, whatever mode its parents are in.</summary>
    public void Freeze() => SetFrozen(true);

    /// <summary>Undoes <see cref="Freeze"/>.</summary>
    public void Unfreeze() => SetFrozen(false);

    /// <inheritdoc/>
    public override void train(bool train = true) => base.train(train && !Frozen);

    /// <summary>Checks that each weight has a name that files can carry.</summary>
    /// <exception cref="InvalidOperationException">A key is not made of lower-case letters, digits, underscores and dots.</exception>
    public void CheckKeys()
    {
        foreach (var (key, _) in named_parameters())
        {
            if (!Key().IsMatch(key))
            {
                throw new InvalidOperationException(
                    $"The weight '{key}' of {GetType().Name} can not be a key in a file; expected lower-case letters, digits and underscores, with dots between. " +
                    "Name the readonly field that holds its layer so (not an auto-property, not a constructor parameter).");
            }
        }
    }

    void SetFrozen(bool frozen)
    {
        foreach (var layer in modules().OfType<Layer>().Append(this))
        {
            layer.Frozen = frozen;
        }
        foreach (var parameter in parameters())
        {
            parameter.requires_grad = !frozen;
        }
        if (frozen)
        {
            eval();
        }
    }

    [GeneratedRegex(@"^[a-z0-9_]+(\.[a-z0-9_]+)*$")]
    private static partial Regex Key();
}
