using static Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>A layer's weights as bytes.</summary>
public static class LayerWeights
{
    /// <summary>SHA-256 of the weights in hexadecimal; equal to that of the layer's exported file.</summary>
    public static string WeightsHash(this Layer layer) => Export.WeightsHash.Of(layer.state_dict().Select(entry =>
    {
        using var scope = NewDisposeScope();
        var copy = entry.Value.detach().cpu().contiguous();
        return (entry.Key, copy.dtype == ScalarType.Int64 ? DataType.Int64 : DataType.Float, copy.shape, (ReadOnlyMemory<byte>)copy.bytes.ToArray());
    }));
}
