using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.Recipes;

namespace Cclm.Training.App;

/// <summary>Where a job's vectors go: a file, its manifest beside it, and a folder of parts while the job is not done.</summary>
sealed class EmbeddingOutput
{
    const string ManifestEnd = ".manifest.json";

    readonly string file, manifest, begun;

    /// <param name="file">The file.</param>
    public EmbeddingOutput(string file)
    {
        this.file = Path.GetFullPath(file);
        manifest = $"{this.file}{ManifestEnd}";
        Parts = $"{this.file}.parts";
        begun = Path.Combine(Parts, "job.json");
    }

    /// <summary>The folder of parts.</summary>
    public string Parts { get; }

    /// <summary>Refuses to write where the next run, or another shard, would read what was written.</summary>
    /// <param name="paths">What is read, as it was named.</param>
    /// <param name="inputs">The files that this is now.</param>
    /// <exception cref="ArgumentException">The file lies in a folder that is read, or a pattern has matched what a job wrote beside it.</exception>
    public void CheckIsNoInput(IEnumerable<string> paths, IEnumerable<string> inputs)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (paths.FirstOrDefault(path => Directory.Exists(path) && IsBelow(folder, path)) is { } read)
        {
            throw new ArgumentException($"'{file}' lies in '{read}', all of which is read: the next run would read it too. Write to a folder outside.");
        }
        if (inputs.FirstOrDefault(input => Path.GetDirectoryName(Path.GetFullPath(input)) == folder && (input.EndsWith(ManifestEnd, StringComparison.Ordinal) || File.Exists($"{input}{ManifestEnd}"))) is { } written)
        {
            throw new ArgumentException($"'{written}' is read, and 'cclm embed' wrote it. Write to another folder, or name the inputs so that it is none.");
        }

        static bool IsBelow(string folder, string other) => Path.GetRelativePath(other, folder) is var path && !Path.IsPathRooted(path) && path.Split(Path.DirectorySeparatorChar)[0] != "..";
    }

    /// <summary>What a job made that is done; null where there is something left to do.</summary>
    /// <param name="job">The job as it is asked for now.</param>
    /// <exception cref="IOException">There is the file of another job, or one that changed since.</exception>
    public EmbeddingResult? Finished(EmbeddingJob job)
    {
        if (!File.Exists(file))
        {
            return null;
        }
        if (!File.Exists(manifest))
        {
            return File.Exists(begun) ? null            // killed between the file's rename and the manifest's
                : throw new IOException($"'{file}' is there already, and no manifest says what it was made from. Write to another file, or replace it (--replace).");
        }
        var found = Read();
        CheckSame(job, found.Job, $"'{file}' was made from something else");
        return FileHash.Of(file) == found.Result.Sha256 ? found.Result
            : throw new IOException($"'{file}' has changed since it was written. Write to another file, or replace it (--replace).");
    }

    /// <summary>Keeps other processes from the output until it is disposed.</summary>
    /// <exception cref="IOException">Another process is at it, or nothing can be written there.</exception>
    public IDisposable Lock() => FolderLock.Take(Parts, "written to");

    /// <summary>Begins a job, or goes on with it where it was begun. The lock is held.</summary>
    /// <param name="job">The job.</param>
    /// <param name="replace">Whether the parts of another job are deleted.</param>
    /// <exception cref="IOException">There are parts of another job, or nothing can be written.</exception>
    public void Begin(EmbeddingJob job, bool replace)
    {
        if (File.Exists(begun))
        {
            var other = Begun();
            if (IsSame(job, other))
            {
                return;
            }
            if (!replace)
            {
                CheckSame(job, other, $"'{Parts}' holds the beginning of something else");
            }
        }
        Array.ForEach(Directory.GetFiles(Parts, "*.part"), File.Delete);
        AtomicFile.Write(begun, job.ToJson().ToJsonString(RecipeJson.Options));
    }

    /// <summary>Writes the file and its manifest, each whole or not at all. The lock is held.</summary>
    /// <param name="job">The job.</param>
    /// <param name="write">Writes the file's content.</param>
    /// <param name="result">What came out; file, size and hash are filled in.</param>
    public EmbeddingResult Finish(EmbeddingJob job, Action<Stream> write, EmbeddingResult result)
    {
        var whole = Path.Combine(Parts, "whole");       // what a kill leaves of it is cleared away with the parts
        AtomicFile.Write(whole, write);
        result = result with { File = Path.GetFileName(file), Size = new FileInfo(whole).Length, Sha256 = FileHash.Of(whole) };
        File.Delete(manifest);                          // of the file that is replaced
        Publish(whole, file);
        AtomicFile.Write(whole, JsonSerializer.Serialize(new EmbeddingManifest(EmbeddingManifest.CurrentFormat, EmbeddingManifest.CurrentVersion, job.ToJson(), result), RecipeJson.Options));
        Publish(whole, manifest);
        return result;
    }

    /// <summary>Deletes the folder of parts of a job that is done, or that did not come to its first part; the lock is not held. Where another process is at it, it is left to that.</summary>
    /// <param name="isDone">Whether the parts are needed no more.</param>
    public void Clear(bool isDone)
    {
        if (!Directory.Exists(Parts) || (!isDone && Directory.GetFiles(Parts, "*.part").Length > 0))
        {
            return;
        }
        try
        {
            using (Lock())
            {
                Array.ForEach(Directory.GetFiles(Parts, "*.part"), File.Delete);
                File.Delete(begun);
            }
            Directory.Delete(Parts, recursive: true);
        }
        catch (IOException)
        {
        }
    }

    static void Publish(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FolderFlush.Flush(Path.GetDirectoryName(to)!);
    }

    EmbeddingManifest Read()
    {
        try
        {
            var found = JsonSerializer.Deserialize<EmbeddingManifest>(File.ReadAllBytes(manifest), RecipeJson.Options) ?? throw new JsonException("It is null.");
            return (found.Format, found.FormatVersion) == (EmbeddingManifest.CurrentFormat, EmbeddingManifest.CurrentVersion) ? found
                : throw new JsonException($"It is '{found.Format}' of version {found.FormatVersion}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{manifest}' is no manifest of this version of cclm: {e.Message} Write to another file, or replace it (--replace).", e);
        }
    }

    /// <summary>The job that was begun; null where what says so was edited.</summary>
    JsonNode? Begun()
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(begun));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static bool IsSame(EmbeddingJob job, JsonNode? other) => JsonNode.DeepEquals(job.ToJson(), other);

    static void CheckSame(EmbeddingJob job, JsonNode? other, string what)
    {
        if (!IsSame(job, other))
        {
            throw new IOException($"{what}: {string.Join("; ", Differences.Between(other, job.ToJson()))}. Write to another file, or replace it (--replace).");
        }
    }
}
