using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cclm.Inference;

/// <summary>What asynchronous calls tell of themselves, by the conventions of OpenTelemetry: never a text, and nothing that a text could be told from.</summary>
/// <remarks>
/// Listen to it by its name: <c>AddMeter(InferenceTelemetry.Name)</c>, <c>AddSource(InferenceTelemetry.Name)</c>.
/// <list type="table">
/// <item><term>cclm.queue.duration</term><description>histogram, s: how long a text waited for its batch</description></item>
/// <item><term>cclm.batch.size</term><description>histogram, {text}: texts of a batch</description></item>
/// <item><term>cclm.batch.padding</term><description>histogram, 1: the share of a batch's positions that is padding</description></item>
/// <item><term>cclm.run.duration</term><description>histogram, s: how long the model took for a batch</description></item>
/// <item><term>cclm.rejected</term><description>counter, {call}: calls that were not answered, by <c>error.type</c>: <c>queue_full</c>, <c>timeout</c>, <c>cancelled</c>, or the class of an error</description></item>
/// </list>
/// Each run is an activity <c>cclm.run</c> with <c>cclm.batch.size</c> and <c>cclm.batch.length</c>.
/// </remarks>
public static class InferenceTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Cclm.Inference";

    internal const string QueueFull = "queue_full", TimedOut = "timeout", Cancelled = "cancelled";

    static readonly string? Version = typeof(InferenceTelemetry).Assembly.GetName().Version?.ToString(3);
    static readonly ActivitySource Source = new(Name, Version);
    static readonly Meter Meter = new(Name, Version);
    static readonly InstrumentAdvice<double> Durations = Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10);
    static readonly Histogram<double> QueueDuration = Meter.CreateHistogram<double>("cclm.queue.duration", "s", "How long a text waited for its batch.", tags: null, Durations);
    static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("cclm.batch.size", "{text}", "Texts of a batch.", tags: null, Buckets(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024));
    static readonly Histogram<double> BatchPadding = Meter.CreateHistogram<double>("cclm.batch.padding", "1", "The share of a batch's positions that is padding.", tags: null, Buckets(0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5));
    static readonly Histogram<double> RunDuration = Meter.CreateHistogram<double>("cclm.run.duration", "s", "How long the model took for a batch.", tags: null, Durations);
    static readonly Counter<long> Rejections = Meter.CreateCounter<long>("cclm.rejected", "{call}", "Calls that were not answered.");

    /// <summary>An activity of a run; null where nobody listens.</summary>
    internal static Activity? Run(int texts, int length) => Source.StartActivity("cclm.run")?.SetTag("cclm.batch.size", texts).SetTag("cclm.batch.length", length);

    /// <summary>Tells of a batch that was run.</summary>
    /// <param name="batch">Its texts.</param>
    /// <param name="length">What they were padded to.</param>
    /// <param name="begun">When it was begun.</param>
    internal static void Ran(IReadOnlyList<PendingText> batch, int length, long begun)
    {
        RunDuration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        BatchSize.Record(batch.Count);
        if (BatchPadding.Enabled)
        {
            BatchPadding.Record(1 - (batch.Sum(text => (double)text.Length) / ((double)batch.Count * length)));
        }
        if (QueueDuration.Enabled)
        {
            foreach (var text in batch)
            {
                QueueDuration.Record(Stopwatch.GetElapsedTime(text.Call.Came, begun).TotalSeconds);
            }
        }
    }

    /// <summary>Tells of a call that was not answered.</summary>
    internal static void Rejected(string reason) => Rejections.Add(1, new KeyValuePair<string, object?>("error.type", reason));

    /// <summary>The bounds by which a histogram is told where a listener has none of its own; OpenTelemetry's are for milliseconds.</summary>
    static InstrumentAdvice<T> Buckets<T>(params T[] bounds) where T : struct => new() { HistogramBucketBoundaries = bounds };
}
