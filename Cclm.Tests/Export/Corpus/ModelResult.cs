using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>What ONNX Runtime made of a model: the bits, types and shapes of all outputs, as one text.</summary>
static class ModelResult
{
    static ModelResult() => OnnxRuntimeEnvironment.Prepare();

    /// <summary>Runs a model in one thread.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime refuses the model or its inputs.</exception>
    public static string Of(ModelProto model, IEnumerable<RecordedValue> inputs)
    {
        using var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,        // what is fused depends on operator sets; operators do not
        };
        using var session = new InferenceSession(model.ToByteArray(), options);
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        var fed = inputs.Select(input => (input.Name, Value: input.ToOrtValue())).ToArray();
        try
        {
            using var results = session.Run(run, [.. fed.Select(input => input.Name)], [.. fed.Select(input => input.Value)], session.OutputNames);
            return string.Join('\n', results.Select(Describe));
        }
        finally
        {
            foreach (var (_, value) in fed)
            {
                value.Dispose();
            }
        }
    }

    static string Describe(OrtValue value)
    {
        if (value.OnnxType == OnnxValueType.ONNX_TYPE_SEQUENCE)
        {
            return $"[{string.Join("; ", Enumerable.Range(0, value.GetValueCount()).Select(i => Describe(value.GetValue(i, OrtAllocator.DefaultInstance))))}]";
        }
        if (!value.IsTensor)
        {
            return value.OnnxType.ToString();
        }
        var info = value.GetTensorTypeAndShape();
        var data = info.IsString ? string.Join('|', value.GetStringTensorAsArray()) : Convert.ToHexString(value.GetTensorDataAsSpan<byte>());
        return $"{info.ElementDataType}[{string.Join(',', info.Shape)}] {data}";
    }
}
