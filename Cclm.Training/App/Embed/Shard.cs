using System.Globalization;

namespace Cclm.Training.App;

/// <summary>One of the parts that a job is dealt out in. Each is a run of rows one after the other, so that the shards' files in order are the whole.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Count">How many there are.</param>
sealed record Shard(int Number, int Count)
{
    /// <summary>The environment variable that says how many shards there are, where the scheduler does not.</summary>
    public const string CountVariable = "CCLM_SHARDS";

    const string Auto = "auto", Slurm = "SLURM_ARRAY_TASK_", Kubernetes = "JOB_COMPLETION_INDEX";

    /// <summary>Reads <c>3/8</c>, or <c>auto</c>.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="variable">The environment's variables.</param>
    /// <exception cref="ArgumentException">It is neither, or the environment does not tell.</exception>
    public static Shard Parse(string text, Func<string, string?> variable)
    {
        if (text == Auto)
        {
            return OfEnvironment(variable);
        }
        return text.Split('/') is [var number, var count] && Whole(number) is { } i && Whole(count) is { } n ? Checked(i, n, $"--shard is '{text}'")
            : throw new ArgumentException($"--shard is '{text}'; expected a number from 1 and how many there are, such as 3/8, or {Auto}.");
    }

    /// <summary>The rows that are this shard's: from the first to before the end.</summary>
    /// <param name="rows">How many rows the job has.</param>
    public (long First, long End) Part(long rows) => ((long)((Int128)rows * (Number - 1) / Count), (long)((Int128)rows * Number / Count));

    /// <summary>The name of this shard's file: <c>vectors.npy</c> becomes <c>vectors-00003-of-00008.npy</c>.</summary>
    public string NameOf(string file) => Path.Combine(Path.GetDirectoryName(file)!,
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(file)}-{Number:D5}-of-{Count:D5}{Path.GetExtension(file)}"));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");

    static Shard OfEnvironment(Func<string, string?> variable)
    {
        if (variable($"{Slurm}ID") is not null)
        {
            return OfSlurm(Value($"{Slurm}ID"), Value($"{Slurm}MIN"), Value($"{Slurm}MAX"), Value($"{Slurm}COUNT"), variable(CountVariable));
        }
        return variable(Kubernetes) is not null ? Checked(Value(Kubernetes) + 1, Value(CountVariable), $"{Kubernetes} is {variable(Kubernetes)}, counted from 0, and {CountVariable} {variable(CountVariable)}")
            : throw new ArgumentException($"--shard {Auto} found neither {Slurm}ID (a Slurm array) nor {Kubernetes} (an indexed job of Kubernetes). Say which shard this is, such as 3/8.");

        int Value(string name) => Whole(variable(name)) ?? throw new ArgumentException(
            $"The environment variable {name} is '{variable(name)}'; expected a whole number. Set it, or say which shard this is, such as --shard 3/8.");
    }

    /// <summary>An array whose tasks are not numbered through from 0 or 1 may be a part of another, of which nobody can tell how many tasks it had.</summary>
    static Shard OfSlurm(int id, int first, int last, int count, string? expected) =>
        first <= 1 && last - first + 1 == count && (expected is null || Whole(expected) == count) ? Checked(id - first + 1, count, $"The Slurm task is {id} of {first} to {last}")
            : throw new ArgumentException($"The Slurm array has {count} tasks from {first} to {last}{(expected is null ? "" : $", and {CountVariable} is {expected}")}; expected one task a shard, as --array=1-8 makes them. " +
                "Submit the whole array again (finished shards are skipped), or say which shard this is, such as --shard 3/8.");

    static Shard Checked(int number, int count, string found) => number >= 1 && number <= count ? new(number, count)
        : throw new ArgumentException($"{found}; expected a shard from 1 to {count}.");

    static int? Whole(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
