using System.Security.Cryptography;
using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary>What a safetensors file holds, for a reader's eyes or as JSON.</summary>
/// <param name="Metadata">What the file says of itself.</param>
/// <param name="Tensors">Its tensors by name.</param>
sealed record WeightsSummary(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<TensorSummary> Tensors)
{
    public static WeightsSummary Of(SafetensorsFile file) => new(file.Metadata, [.. file.Tensors.Values
        .OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
        .Select(tensor => new TensorSummary(tensor.Name, tensor.DType, tensor.Shape, Convert.ToHexStringLower(SHA256.HashData(tensor.Data.Span))))]);
}

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">The format's name of its element type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Sha256">The hash of its bytes.</param>
sealed record TensorSummary(string Name, string DType, long[] Shape, string Sha256);
