using Cclm.Export;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>The weights of a head, whose class only its pretrainer knows: they are taken as the file has them.</summary>
static class HeadWeights
{
    /// <summary>The hash that the head's layer would have.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged, or a weight is not float32.</exception>
    public static string Hash(string file)
    {
        if (!File.Exists(file))
        {
            throw new InvalidDataException($"There is no '{file}'. Expected a head that 'cclm pretrain' wrote.");
        }
        var tensors = Safetensors.Read(file).Tensors.Values;
        return tensors.FirstOrDefault(tensor => tensor.DType != "F32") is { } other
            ? throw new InvalidDataException($"'{file}' has the weight '{other.Name}' as {other.DType}; expected F32.")
            : WeightsHash.Of(tensors.Select(tensor => (tensor.Name, tensor.Shape, tensor.Data)));
    }
}
