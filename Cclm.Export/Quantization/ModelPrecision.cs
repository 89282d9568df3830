using System.Text.Json.Serialization;

namespace Cclm.Export;

/// <summary>In which numbers a converted model stores its weights and computes.</summary>
public enum ModelPrecision
{
    /// <summary>Weights in 8 bits; products of matrices in integers, with each row of activations quantized by itself while the model runs.</summary>
    Int8,

    /// <summary>Weights and most computation in half precision; what overflows or loses too much there stays in float32.</summary>
    Float16,

    /// <summary>Weights in 8 bits, computation in float32: a small file.</summary>
    [JsonStringEnumMemberName("int8-weights")]
    Int8Weights,
}

/// <summary>The words for precisions, on the command line, in recipes and in a model's metadata.</summary>
public static class PrecisionNames
{
    static readonly Dictionary<string, ModelPrecision> All = new() { ["int8"] = ModelPrecision.Int8, ["float16"] = ModelPrecision.Float16, ["int8-weights"] = ModelPrecision.Int8Weights };

    /// <summary>Every word with what it means.</summary>
    public static IReadOnlyDictionary<string, ModelPrecision> Words => All;

    /// <summary>The word for a precision, such as <c>int8-weights</c>.</summary>
    public static string Word(ModelPrecision precision) => All.First(word => word.Value == precision).Key;
}
