using System.CommandLine;

namespace Cclm.Training.App;

/// <summary><c>--threads</c> of the commands that compute.</summary>
sealed class ThreadsOption : Option<int?>
{
    const int Most = 1_024;

    /// <param name="description">What the threads do.</param>
    public ThreadsOption(string description) : base("--threads")
    {
        Description = description;
        Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } count and (< 1 or > Most))
            {
                result.AddError($"--threads is {count}; expected 1 to {Most}, or leave it out for all of the machine's cores.");
            }
        });
    }

    /// <summary>How many threads were asked for, or the machine's cores.</summary>
    public int Of(ParseResult arguments) => arguments.GetValue(this) ?? Environment.ProcessorCount;
}
