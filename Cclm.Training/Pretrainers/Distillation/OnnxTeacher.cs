using Cclm.Inference;

namespace Cclm.Training;

/// <summary>How <see cref="OnnxTeacher"/> makes one vector of a text.</summary>
public sealed record OnnxTeacherOptions
{
    /// <summary>The output that is read; null for the first. A composed CCLM model has its own.</summary>
    public string? Output { get; init; }

    /// <summary>How an output with a vector for each token becomes one; an output with one for the text is taken as it is.</summary>
    public TeacherPooling Pooling { get; init; }

    /// <summary>A token model's <c>tokenizer.json</c>; null for the one beside it, or in the folder above.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The most tokens of a text, those that the model puts around it among them; a tokenizer that says fewer is believed.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Threads that compute a vector; 0 for one per processor.</summary>
    public int Threads { get; init; }
}

/// <summary>How vectors of tokens become one.</summary>
public enum TeacherPooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The first token's, which stands for the text in models such as BERT.</summary>
    Cls,
}

/// <summary>A teacher in an <c>.onnx</c> file, run by ONNX Runtime on the CPU: a composed CCLM model, a model of text, or one of tokens.</summary>
/// <remarks>
/// A text is always asked alone, so that its vector does not depend on others, and once as long as the vectors of all fit in 1 GiB.
/// A model of text has one input, of strings [B]. A model of tokens has <c>input_ids</c> [B,T], and perhaps <c>attention_mask</c> and
/// <c>token_type_ids</c>, as Hugging Face's exporters write them.
/// </remarks>
public sealed class OnnxTeacher : Teacher
{
    const int MostRemembered = 1 << 28;         // numbers, 1 GiB

    readonly IDisposable model;
    readonly Func<string, float[]> compute;
    readonly Dictionary<string, float[]> known = [];

    OnnxTeacher(string name, IDisposable model, Func<string, float[]> compute)
    {
        (Description, this.model, this.compute) = (name, model, compute);
        Width = Checked(compute("text"), null, $"{name}: its vector of 'text'").Length;
    }

    /// <inheritdoc/>
    public override int Width { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Loads a model and runs it once.</summary>
    /// <param name="path">The <c>.onnx</c> file.</param>
    /// <param name="options">Output, pooling and tokenizer.</param>
    /// <exception cref="IOException">There is no such file, or no tokenizer beside a model of tokens.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or it is no model that makes a vector of a text; the message says what it takes and gives.</exception>
    /// <exception cref="CclmModelException">It is a CCLM model that can not be used.</exception>
    public static OnnxTeacher Load(string path, OnnxTeacherOptions? options = null)
    {
        options ??= new();
        var name = $"'{Path.GetFileName(path)}' ({FileHash.Of(path)[..16]})";
        var encoder = OnnxEncoder.Open(path, options);
        try
        {
            if (!encoder.IsCclm)
            {
                return new($"{name}{encoder.Description}", encoder, encoder.VectorOf);
            }
            encoder.Dispose();
            var composed = CclmModel.Load(path, new() { Provider = ExecutionProvider.Cpu, Threads = options.Threads });
            return new(name, composed, text => composed.Embed(text));
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override float[] VectorOf(string text)
    {
        lock (known)
        {
            if (!known.TryGetValue(text, out var vector))
            {
                vector = Checked(compute(text), Width, $"{Description}: its vector of {Shown(text)}");
                if ((long)(known.Count + 1) * Width <= MostRemembered)
                {
                    known.Add(text, vector);
                }
            }
            return vector;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => model.Dispose();
}
