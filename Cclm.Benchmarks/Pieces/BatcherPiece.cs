using BenchmarkDotNet.Attributes;
using Cclm.Training;
using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>What training is fed with.</summary>
public class BatcherPiece
{
    const int Rows = 32, Batches = 64;

    static readonly TrainingOptions Options = new() { BatchSize = Rows };

    ReferenceModel model = null!;
    RowSource<string> rows = null!;
    Example[] examples = [];

    /// <summary>Reads the rows of an epoch.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        model = new();
        rows = RowSource.Of(PieceTexts.Summaries(Rows * Batches));
        examples = [.. rows.Read().Take(Rows).Select(row => model.Pretrainer.Example(row.Row, new Random(1)))];
    }

    /// <summary>Frees the model.</summary>
    [GlobalCleanup]
    public void Free() => model.Dispose();

    /// <summary>32 examples padded to one length.</summary>
    [Benchmark]
    public Batch Pad32() => Batch.Of(examples);

    /// <summary>A batch of an epoch of 64: shuffled, sorted by length, encoded and padded, on threads of its own.</summary>
    [Benchmark(OperationsPerInvoke = Batches)]
    public int StreamOf64() => new BatchStream<string>(rows, model.Pretrainer.LengthOf, model.Pretrainer.Example, Options).From(default).Take(Batches).Sum(batch => batch.Batch.Characters);
}
