using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cclm.Training.Data;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>Where a run was when a checkpoint of it was written.</summary>
sealed record RunState
{
    /// <summary>What is learned by what from what, by name: a run is not gone on with as another one.</summary>
    public required IReadOnlyDictionary<string, string> Identity { get; init; }

    /// <summary>Whether the embedder is trained with the tower.</summary>
    public required bool TrainsEmbedder { get; init; }

    public required TrainingOptions Options { get; init; }

    /// <summary>What is trained; null where it is not known by name.</summary>
    public RunModel? Model { get; init; }

    public int Step { get; init; }

    /// <summary>The last step at which progress was reported.</summary>
    public int Reported { get; init; }

    /// <summary>Of each task's next batch.</summary>
    public IReadOnlyList<DataPosition> Positions { get; init; } = [];

    public double Seconds { get; init; }

    /// <summary>The loss of each task's first step; null of a task that had none yet.</summary>
    public IReadOnlyList<double?> FirstLosses { get; init; } = [];

    public int? BestStep { get; init; }

    public double BestLoss { get; init; } = double.MaxValue;

    /// <summary>Evaluations since the best one.</summary>
    public int WithoutImprovement { get; init; }

    /// <summary>Whether nothing is left to do: all steps are done, or the loss fell no more.</summary>
    [JsonIgnore]
    public bool Finished => Step >= Options.Steps || StoppedEarly;

    [JsonIgnore]
    public bool StoppedEarly => Options.Patience > 0 && WithoutImprovement >= Options.Patience;
}

/// <summary>All that a run needs to go on exactly: one safetensors file.</summary>
/// <param name="State">Where the run was.</param>
/// <param name="Tensors">
/// The weights as <c>embedder.*</c>, <c>tower.*</c> and <c>head.*</c> (of several tasks <c>name.tower.*</c> and <c>name.head.*</c>); <c>optimizer.mean</c>, <c>optimizer.square</c> and
/// <c>optimizer.average</c>; <c>run.best</c>, what layers measured by then as <c>run.best.*</c>, <c>run.window</c> and <c>run.losses</c>.
/// </param>
sealed record Checkpoint(RunState State, IReadOnlyDictionary<string, SafeTensor> Tensors)
{
    const string StateKey = "cclm.run";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <exception cref="InvalidDataException">The file is damaged or is no checkpoint.</exception>
    public static Checkpoint Read(string path)
    {
        var file = Safetensors.Read(path);
        try
        {
            return new(JsonSerializer.Deserialize<RunState>(file.Metadata[StateKey], Json)!, file.Tensors);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new InvalidDataException($"'{path}' is no checkpoint of a run: {e.Message} Expected '{StateKey}' in its metadata, as this version writes it. Delete it to begin anew.", e);
        }
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path) =>
        Safetensors.Write(path, Tensors.Values, new Dictionary<string, string> { [StateKey] = JsonSerializer.Serialize(State, Json) });

    /// <summary>A tensor (float32 or int64) as the file holds it.</summary>
    public static SafeTensor Save(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new(name, tensor.dtype == ScalarType.Int64 ? "I64" : "F32", tensor.shape, tensor.detach().cpu().contiguous().bytes.ToArray());
    }

    /// <summary>Numbers as the file holds them.</summary>
    public static SafeTensor Save(string name, ReadOnlySpan<double> numbers) =>
        new(name, "F64", [numbers.Length], MemoryMarshal.AsBytes(numbers).ToArray());

    /// <summary>Fills a tensor from the file's.</summary>
    /// <exception cref="InvalidDataException">The file has none of that name and shape.</exception>
    public void Load(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var values = empty(tensor.shape, dtype: tensor.dtype, device: CPU);
        Find(name, tensor.dtype == ScalarType.Int64 ? "I64" : "F32", tensor.shape).Data.Span.CopyTo(values.bytes);
        tensor.copy_(values);
    }

    /// <summary>The file's numbers of a name.</summary>
    public double[] Load(string name) =>
        MemoryMarshal.Cast<byte, double>(Find(name, "F64", Tensors.TryGetValue(name, out var tensor) ? tensor.Shape : [0]).Data.Span).ToArray();

    SafeTensor Find(string name, string dtype, long[] shape) => Tensors.TryGetValue(name, out var tensor) && tensor.DType == dtype && tensor.Shape.AsSpan().SequenceEqual(shape)
        ? tensor
        : throw new InvalidDataException(
            $"The checkpoint holds {(tensor is null ? "no" : $"a tensor {tensor.DType} [{string.Join(", ", tensor.Shape)}] as")} '{name}'; expected {dtype} [{string.Join(", ", shape)}]. " +
            "It belongs to a model of other sizes, or other parts were frozen. Go on with what the run was begun with, or begin anew.");
}
