using static TorchSharp.torch;

namespace Cclm.Training.Data;

/// <summary>A module's weights as a safetensors file: its <c>state_dict</c>, key for key, readable in Python as it is.</summary>
public static class Weights
{
    static readonly Dictionary<ScalarType, string> Types = new() { [ScalarType.Float32] = "F32", [ScalarType.Int64] = "I64" };

    /// <summary>Writes a module's parameters and buffers, whole or not at all.</summary>
    /// <exception cref="ArgumentException">A weight is neither float32 nor int64.</exception>
    /// <exception cref="InvalidDataException">A weight is no number; what was saved before stays.</exception>
    public static void Save(nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        if (module.state_dict().FirstOrDefault(weight => !weight.Value.isfinite().all().item<bool>()) is { Key: { } lost })
        {
            throw new InvalidDataException($"The weight '{lost}' is no number any more, so '{path}' is not written. Lower the learning rate.");
        }
        Safetensors.Write(path, module.state_dict().Select(weight =>
            new SafeTensor(weight.Key, TypeOf(weight.Key, weight.Value), weight.Value.shape, weight.Value.detach().cpu().contiguous().bytes.ToArray())), metadata);
    }

    /// <summary>Fills a module from a file that <see cref="Save"/> wrote: every weight or none.</summary>
    /// <returns>The file's metadata.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or its weights are not the module's; the message lists every key that is missing, too many, or of another type or shape.
    /// The module is as it was.
    /// </exception>
    public static IReadOnlyDictionary<string, string> Load(nn.Module module, string path)
    {
        var file = Safetensors.Read(path);
        var state = module.state_dict();
        string[] differences = [.. Differences(state, file.Tensors)];
        if (differences.Length > 0)
        {
            throw new InvalidDataException(
                $"'{path}' does not hold the weights of this {module.GetName()}: {string.Join("; ", differences)}. Build the module with the options that it was saved with, or load another file.");
        }
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (key, weight) in state)
        {
            var values = empty(weight.shape, dtype: weight.dtype, device: CPU);
            file.Tensors[key].Data.Span.CopyTo(values.bytes);
            weight.copy_(values);
        }
        return file.Metadata;
    }

    static IEnumerable<string> Differences(Dictionary<string, Tensor> state, IReadOnlyDictionary<string, SafeTensor> found)
    {
        foreach (var (key, weight) in state.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var expected = Describe(TypeOf(key, weight), weight.shape);
            if (!found.TryGetValue(key, out var tensor))
            {
                yield return $"'{key}' is missing, expected {expected}";
            }
            else if (Describe(tensor.DType, tensor.Shape) is var actual && actual != expected)
            {
                yield return $"'{key}' is {actual}, expected {expected}";
            }
        }
        foreach (var key in found.Keys.Except(state.Keys).Order(StringComparer.Ordinal))
        {
            yield return $"'{key}' is unknown to the module";
        }
    }

    static string Describe(string dtype, long[] shape) => $"{dtype} [{string.Join(", ", shape)}]";

    static string TypeOf(string key, Tensor weight) => Types.TryGetValue(weight.dtype, out var type) ? type
        : throw new ArgumentException($"Weight '{key}' is {weight.dtype}; expected {string.Join(" or ", Types.Keys)}: keep the masters in float32 and convert copies.");
}
