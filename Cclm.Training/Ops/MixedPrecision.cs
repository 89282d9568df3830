using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>
/// What products with weights are computed in on this thread (after Micikevicius et al. 2018): input, weight and result are rounded
/// to bfloat16, inside the product it is summed in float32. Everything else stays float32: the weights themselves, attention, norms, losses.
/// </summary>
static class MixedPrecision
{
    [ThreadStatic]
    static bool bfloat16;

    /// <summary>Until it is disposed, products are computed so.</summary>
    public static IDisposable Use(Precision precision)
    {
        var restored = new Restored(bfloat16);
        bfloat16 = precision == Precision.BFloat16;
        return restored;
    }

    /// <summary>A product with weights, in the precision that is in use; the result is float32.</summary>
    public static Tensor Product(Tensor x, Tensor weight, Tensor? bias, Func<Tensor, Tensor, Tensor?, Tensor> product)
    {
        if (!bfloat16)
        {
            return product(x, weight, bias);
        }
        return product(x.bfloat16(), weight.bfloat16(), bias?.bfloat16()).to(ScalarType.Float32);
    }

    sealed class Restored(bool value) : IDisposable
    {
        public void Dispose() => bfloat16 = value;
    }
}
