using Cclm.Inference;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cclm.Training;

/// <summary>A session on a model that makes a vector of a text, or of its tokens.</summary>
sealed class OnnxEncoder : IDisposable
{
    const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids";

    readonly string name, output;
    readonly InferenceSession session;
    readonly TeacherPooling pooling;
    readonly TokenizerFile? tokenizer;          // null where the model reads text

    OnnxEncoder(string path, InferenceSession session, OnnxTeacherOptions options)
    {
        (name, this.session, pooling, output) = ($"'{path}'", session, options.Pooling, options.Output ?? session.OutputNames[0]);
        if (IsCclm)
        {
            return;
        }
        if (!session.OutputMetadata.TryGetValue(output, out var type) || type is not { ElementDataType: TensorElementType.Float, Dimensions.Length: 2 or 3 })
        {
            throw new InvalidDataException($"{name} gives {Describe(session.OutputMetadata)}; expected '{output}' to be Float [B,D], a vector for each text, or [B,T,D], one for each token. Choose an output that is one.");
        }
        if (!ReadsText() && !ReadsTokens())
        {
            throw new InvalidDataException($"{name} takes {Describe(session.InputMetadata)}; expected String [B], or Int64 [B,T] '{Ids}', '{Mask}' and '{Types}' or some of them.");
        }
        tokenizer = ReadsText() ? null : TokenizerFile.Load(options.Tokenizer ?? Beside(path), options.MaxTokens);
    }

    /// <summary>Whether it is a CCLM model, which knows its own preprocessor.</summary>
    public bool IsCclm => session.ModelMetadata.CustomMetadataMap.ContainsKey("cclm.kind");

    /// <summary>What decides about its vectors besides its file.</summary>
    public string Description => $", {output}{(session.OutputMetadata[output].Dimensions.Length == 3 ? $", {pooling.ToString().ToLowerInvariant()}" : "")}{(tokenizer is null ? "" : $", tokenizer {tokenizer.Description}")}";

    /// <exception cref="InvalidDataException">ONNX Runtime can not read it, or it has no input or output of the kind.</exception>
    public static OnnxEncoder Open(string path, OnnxTeacherOptions options)
    {
        OnnxRuntimeEnvironment.Prepare();
        using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = options.Threads };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");         // training has the cores between two texts
        var session = Guarded($"'{path}' can not be read as a model", () => new InferenceSession(path, settings));
        try
        {
            return new(path, session, options);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>A text's vector [D].</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime failed, or the output is of another shape than the model says.</exception>
    public float[] VectorOf(string text)
    {
        var inputs = tokenizer is null ? TextInput(text) : TokenInputs(tokenizer.Encode(text));
        try
        {
            using var run = new RunOptions();
            using var results = Guarded($"{name} failed on {Teacher.Shown(text)}", () => session.Run(run, inputs, [output]));
            return Pooled(results[0].GetTensorDataAsSpan<float>(), results[0].GetTensorTypeAndShape().Shape);
        }
        finally
        {
            foreach (var input in inputs.Values)
            {
                input.Dispose();
            }
        }
    }

    public void Dispose() => session.Dispose();

    bool ReadsText() => session.InputMetadata is { Count: 1 } inputs && inputs.Values.Single() is { ElementDataType: TensorElementType.String, Dimensions.Length: 1 };

    bool ReadsTokens() => session.InputMetadata.ContainsKey(Ids)
        && session.InputMetadata.All(input => input.Key is Ids or Mask or Types && input.Value is { ElementDataType: TensorElementType.Int64, Dimensions.Length: 2 });

    Dictionary<string, OrtValue> TextInput(string text)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [1]);
        value.StringTensorSetElementAt(text.AsSpan(), 0);
        return new() { [session.InputNames[0]] = value };
    }

    Dictionary<string, OrtValue> TokenInputs(long[] ids) => session.InputNames.ToDictionary(input => input, input =>
        OrtValue.CreateTensorValueFromMemory(input switch { Ids => ids, Mask => [.. ids.Select(_ => 1L)], _ => new long[ids.Length] }, [1, ids.Length]));

    float[] Pooled(ReadOnlySpan<float> numbers, long[] shape)
    {
        if (shape is not ([1, > 0] or [1, > 0, > 0]))
        {
            throw new InvalidDataException($"{name} gave '{output}' as [{string.Join(",", shape)}] for one text; expected [1,D] or [1,T,D].");
        }
        var vector = numbers[..(int)shape[^1]].ToArray();
        if (shape.Length == 3 && pooling == TeacherPooling.Mean)
        {
            for (var i = vector.Length; i < numbers.Length; i++)
            {
                vector[i % vector.Length] += numbers[i];
            }
            vector = Array.ConvertAll(vector, sum => sum / shape[1]);
        }
        return vector;
    }

    /// <summary>Where Hugging Face's repositories have the tokenizer: beside the model, or above the folder <c>onnx</c>.</summary>
    static string Beside(string path)
    {
        const string file = "tokenizer.json";
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string[] places = [Path.Combine(folder, file), Path.GetFullPath(Path.Combine(folder, "..", file))];
        return places.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException($"'{path}' reads tokens, and there is neither '{places[0]}' nor '{places[1]}'. Put the model's tokenizer beside it, or name it.");
    }

    static string Describe(IReadOnlyDictionary<string, NodeMetadata> values) => string.Join(", ", values.Select(value =>
        $"'{value.Key}' {value.Value.ElementDataType} [{string.Join(",", value.Value.Dimensions?.Select(size => size < 0 ? "?" : $"{size}") ?? [])}]"));

    static T Guarded<T>(string what, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{what}: ONNX Runtime says: {e.Message}", e);
        }
    }
}
