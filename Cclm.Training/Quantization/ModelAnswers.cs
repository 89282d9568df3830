using System.Diagnostics;
using Cclm.Export;
using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Cclm.Training;

/// <summary>Runs a model that reads ids or text on batches of texts, and gives what its outputs say of each text.</summary>
sealed class ModelAnswers : IDisposable
{
    readonly InferenceSession session;
    readonly RunOptions run = new();
    readonly Preprocessor? preprocessor;        // null where the model reads text
    readonly string[] outputs;

    /// <exception cref="InvalidDataException">The model reads something else, or says nothing of texts that can be compared.</exception>
    public ModelAnswers(ModelProto model, int threads)
    {
        OnnxRuntimeEnvironment.Prepare();
        var inputs = model.Graph.Input.Select(input => input.Name).ToArray();
        preprocessor = inputs switch
        {
            [ModelNames.Text] => null,
            [ModelNames.Ids] => Preprocessor.FromJson(ModelProperties.Read(model).GetValueOrDefault("cclm.preprocessor") ?? throw new InvalidDataException(
                "The model reads ids, but has no 'cclm.preprocessor' in its metadata, so texts can not be given to it. Export it again.")),
            _ => throw new InvalidDataException($"The model reads {string.Join(", ", inputs)}; expected '{ModelNames.Ids}' or '{ModelNames.Text}' alone, as a composed model or an embedder does."),
        };
        outputs = Compared(model);
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            session = new(model.ToByteArray(), options);
        }
        catch (OnnxRuntimeException e)
        {
            run.Dispose();
            throw new InvalidDataException($"ONNX Runtime can not load the model: {e.Message}", e);
        }
    }

    /// <summary>The outputs that are compared.</summary>
    public IReadOnlyList<string> Outputs => outputs;

    /// <summary>What each output says of each text, padding left out; and the seconds that the model took.</summary>
    public (float[][][] Answers, double Seconds) Of(IReadOnlyList<string> texts)
    {
        using var input = Input(texts);
        var clock = Stopwatch.StartNew();
        using var results = session.Run(run, [preprocessor is null ? ModelNames.Text : ModelNames.Ids], [input], [.. outputs, ModelNames.Mask]);
        var seconds = clock.Elapsed.TotalSeconds;
        var mask = results[^1].GetTensorDataAsSpan<bool>().ToArray();
        return ([.. results.Take(outputs.Length).Select(result => Rows(result, mask, texts.Count))], seconds);
    }

    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }

    /// <summary>The vector where there is one, else what is said of each character; and the logits of heads.</summary>
    static string[] Compared(ModelProto model)
    {
        var floats = model.Graph.Output.Where(output => output.Type.TensorType?.ElemType == (int)TensorProto.Types.DataType.Float).Select(output => output.Name).ToArray();
        var vectors = floats.Contains(ModelNames.Embedding) ? ModelNames.Embedding : ModelNames.Hidden;
        string[] compared = [.. floats.Where(output => output == vectors || output.StartsWith(ModelNames.Logits(""), StringComparison.Ordinal))];
        return compared.Length > 0 && model.Graph.Output.Any(output => output.Name == ModelNames.Mask) ? compared
            : throw new InvalidDataException($"The model gives {string.Join(", ", model.Graph.Output.Select(output => output.Name))}; expected '{ModelNames.Mask}', and '{ModelNames.Embedding}' or '{ModelNames.Hidden}', as a composed model or an embedder does.");
    }

    OrtValue Input(IReadOnlyList<string> texts)
    {
        if (preprocessor?.Encode(texts) is { } batch)
        {
            return OrtValue.CreateTensorValueFromMemory(batch.Ids, [batch.Rows, batch.Length]);
        }
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [texts.Count]);
        foreach (var (i, text) in texts.Index())
        {
            value.StringTensorSetElementAt(text.AsSpan(), i);
        }
        return value;
    }

    /// <summary>[B,D], or [B,T,C] without padding, row by row.</summary>
    static float[][] Rows(OrtValue result, bool[] mask, int rows)
    {
        var (values, shape) = (result.GetTensorDataAsSpan<float>().ToArray(), result.GetTensorTypeAndShape().Shape);
        var (row, length) = (values.Length / rows, mask.Length / rows);
        return [.. Enumerable.Range(0, rows).Select(i => shape.Length < 3
            ? values[(i * row)..((i + 1) * row)]
            : [.. Enumerable.Range(0, length).Where(t => mask[(i * length) + t]).SelectMany(t => values[((i * row) + (t * (int)shape[2]))..((i * row) + ((t + 1) * (int)shape[2]))])])];
    }
}
