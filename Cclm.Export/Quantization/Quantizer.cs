using Onnx;

namespace Cclm.Export;

/// <summary>Converts models to fewer bits: 8-bit products, half precision, or 8-bit weights alone.</summary>
/// <remarks>
/// Works on any ONNX model. Inputs, outputs, metadata and local functions stay as they are, so a composed model stays one, and the hashes in its
/// metadata go on naming the float weights that it was made from; <c>cclm.precision</c> says what was done. A converted weight <c>up.weight</c> becomes
/// <c>up.weight.int8</c> and <c>up.weight.scale</c>, or <c>up.weight.float16</c>, stored once however often it is read; the float weight stays where
/// anything else reads it.
/// </remarks>
public static class Quantizer
{
    const long DequantizesPerAxis = 13, ReducesByInput = 18;        // operator sets

    /// <summary>Converts a model, which is not changed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What is made of it.</param>
    /// <exception cref="OnnxModelException">The model is unsound, of an operator set that is too old, converted already, or has nothing to convert.</exception>
    public static ModelProto Convert(ModelProto model, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ModelCheck.Ensure(model);
        if (ModelProperties.Read(model).TryGetValue(ModelMetadata.PrecisionKey, out var already))
        {
            throw new OnnxModelException($"The model is in {already} already. Convert the float32 model that it was made from.");
        }
        EnsureOpset(model, options.Precision);
        var converted = model.Clone();
        var root = EditedGraph.Of(converted);
        var count = options.Precision switch
        {
            ModelPrecision.Int8 => new Int8Products(options).Convert(root),
            ModelPrecision.Float16 => new Float16Graphs(options, converted.Functions).Convert(root),
            ModelPrecision.Int8Weights => new Int8Weights(options).Convert(root),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Precision, "Expected Int8, Float16 or Int8Weights."),
        };
        if (count == 0)
        {
            throw new OnnxModelException($"The model has no weight that can be in {PrecisionNames.Word(options.Precision)}: " +
                $"expected matrices of {options.SmallestWeight:N0} numbers or more that are not to be kept. Lower the smallest weight, or leave the model as it is.");
        }
        UnreadWeights.Remove(converted.Graph);
        ModelProperties.Write(converted, [new(ModelMetadata.PrecisionKey, PrecisionNames.Word(options.Precision))]);
        ModelCheck.Ensure(converted, "converted model");
        return converted;
    }

    static void EnsureOpset(ModelProto model, ModelPrecision precision)
    {
        var needed = precision switch { ModelPrecision.Int8 => ReducesByInput, ModelPrecision.Int8Weights => DequantizesPerAxis, _ => 1 };
        var found = model.OpsetImport.FirstOrDefault(import => OperatorSets.Canonical(import.Domain).Length == 0)?.Version ?? 0;
        if (found < needed)
        {
            throw new OnnxModelException($"The model is of operator set ai.onnx {found}; {PrecisionNames.Word(precision)} needs {needed} or newer. Raise it (VersionConversion.Raise), or export it again for a newer one.");
        }
    }
}
