using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm.Training;

/// <summary>A run's <c>metrics.jsonl</c>: a line for each report, in the order of their steps.</summary>
/// <remarks>
/// Each line is one write, so that a killed process loses at most its last. The log may then be ahead of the checkpoint that the
/// run is gone on from: the first report cuts off what it and those after it will say again, and a line that was not finished.
/// </remarks>
/// <param name="path">The file.</param>
public sealed class RunLog(string path) : IProgress<TrainingProgress>, IDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,    // held-out rows that ask nothing have no mean
        RespectRequiredConstructorParameters = true,
    };

    FileStream? file;

    /// <summary>The reports of a run, also while it is running: the lines before the first that is unfinished or damaged.</summary>
    /// <returns>Empty where there is no file.</returns>
    public static IReadOnlyList<RunMetrics> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return [.. Sound(file).Select(line => line.Metrics)];
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="IOException">The file can not be written.</exception>
    public void Report(TrainingProgress value)
    {
        file ??= Open(value.Step);
        file.Write([.. JsonSerializer.SerializeToUtf8Bytes(RunMetrics.Of(value), Json), (byte)'\n']);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file?.Dispose();

    FileStream Open(int step)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var opened = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        opened.SetLength(Sound(opened).TakeWhile(line => line.Metrics.Step < step).LastOrDefault().End);
        opened.Seek(0, SeekOrigin.End);
        return opened;
    }

    static IEnumerable<(RunMetrics Metrics, long End)> Sound(FileStream file)
    {
        var bytes = new byte[file.Length];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        for (var (begin, step) = (0, 0); Array.IndexOf(bytes, (byte)'\n', begin, length - begin) is var end and >= 0; begin = end + 1)
        {
            if (Parse(bytes.AsSpan(begin..end)) is not { } metrics || metrics.Step <= step)
            {
                yield break;
            }
            step = metrics.Step;
            yield return (metrics, end + 1);
        }
    }

    static RunMetrics? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunMetrics>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
