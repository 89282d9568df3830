using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>Runs a model in ONNX Runtime.</summary>
static class OnnxRun
{
    static OnnxRun() => OnnxRuntimeEnvironment.Prepare();

    /// <summary>One output's elements and shape.</summary>
    public static (T[] Data, long[] Shape) Run<T>(ModelProto model, string output, params IReadOnlyList<(string Name, OrtValue Value)> inputs) where T : unmanaged
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model.ToByteArray(), options);
        using var run = new RunOptions();
        using var results = session.Run(run, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], [output]);
        return (results[0].GetTensorDataAsSpan<T>().ToArray(), results[0].GetTensorTypeAndShape().Shape);
    }

    public static (string, OrtValue) Tensor<T>(string name, T[] data, params long[] shape) where T : unmanaged =>
        (name, OrtValue.CreateTensorValueFromMemory(data, shape));

    public static (string, OrtValue) Texts(string name, params string[] texts)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [texts.Length]);
        for (var i = 0; i < texts.Length; i++)
        {
            value.StringTensorSetElementAt(texts[i].AsSpan(), i);
        }
        return (name, value);
    }

    /// <summary>Numbers between -1 and 1, the same for the same seed.</summary>
    public static float[] Random(int seed, long count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
