using System.Numerics;
using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Cclm.Training;

/// <summary>AdamW in one pass over the processor's memory, where libtorch's operators need a dozen.</summary>
sealed unsafe class HostAdamW
{
    const long Chunk = 1 << 16;                     // weights that one thread updates in a row
    const long FewChunks = 16;                      // are updated sooner than other threads are woken

    readonly float* values, gradients, mean, square;

    /// <summary>All four [N] stay where they are in memory.</summary>
    public HostAdamW(Tensor values, Tensor gradients, Tensor mean, Tensor square)
    {
        this.values = Begin(values);
        this.gradients = Begin(gradients);
        this.mean = Begin(mean);
        this.square = Begin(square);
    }

    /// <summary>What gradients are multiplied with, so that together they are not longer than a norm; the same for any number of threads.</summary>
    /// <param name="clipNorm">The norm.</param>
    /// <param name="ranges">Weights whose gradients are in the buffer, summed one by one.</param>
    /// <param name="tables">Gradients of other weights.</param>
    public float ClipScale(double clipNorm, IEnumerable<WeightRange> ranges, IEnumerable<RowGradients> tables) =>
        (float)Math.Min(1, clipNorm / (Math.Sqrt(ranges.Sum(SumOfSquares) + tables.Sum(table => table.SumOfSquares)) + 1e-6));

    double SumOfSquares(WeightRange range)
    {
        var sums = new double[(range.Length + Chunk - 1) / Chunk];
        InChunks(range.Length, Chunk, (begin, count) => sums[begin / Chunk] = TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(gradients + range.Start + begin, count)));
        return sums.Sum();
    }

    /// <summary>Updates weights from their gradients, which are 0 afterwards.</summary>
    public void Update(WeightRange range, AdamWStep step) => InChunks(range.Length, Chunk, (begin, count) =>
    {
        var start = range.Start + begin;
        Update(start, gradients + start, count, step);
        new Span<float>(gradients + start, count).Clear();
    });

    /// <summary>Updates the rows of a table that have gradients.</summary>
    public void Update(RowGradients table, AdamWStep step) => InChunks(table.Count, table.RowsAtOnce, (begin, count) =>
    {
        for (var row = (int)begin; row < begin + count; row++)
        {
            fixed (float* gradient = table.GradientOf(row))
            {
                Update(table.StartOf(row), gradient, table.Width, step);
            }
        }
    });

    void Update(long start, float* gradient, int count, AdamWStep step)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Update(start + i, Vector.Load(gradient + i), step);
        }
        for (; i < count; i++)
        {
            Update(start + i, gradient[i], step);
        }
    }

    void Update(long i, Vector<float> gradient, AdamWStep step)
    {
        if (gradient == Vector<float>.Zero)
        {
            return;
        }
        var touched = ~Vector.Equals(gradient, Vector<float>.Zero);
        gradient *= step.Scale;
        var (value, oldMean, oldSquare) = (Vector.Load(values + i), Vector.Load(mean + i), Vector.Load(square + i));
        var newMean = (oldMean * AdamWStep.Beta1) + (gradient * (1 - AdamWStep.Beta1));
        var newSquare = (oldSquare * AdamWStep.Beta2) + (gradient * gradient * (1 - AdamWStep.Beta2));
        var change = newMean * step.Rate / (Vector.SquareRoot(newSquare / step.Variance) + new Vector<float>(AdamWStep.Epsilon));
        Vector.Store(Vector.ConditionalSelect(touched, (value * step.Kept) - change, value), values + i);
        Vector.Store(Vector.ConditionalSelect(touched, newMean, oldMean), mean + i);
        Vector.Store(Vector.ConditionalSelect(touched, newSquare, oldSquare), square + i);
    }

    void Update(long i, float gradient, AdamWStep step)
    {
        if (gradient == 0)
        {
            return;
        }
        gradient *= step.Scale;
        mean[i] = (mean[i] * AdamWStep.Beta1) + (gradient * (1 - AdamWStep.Beta1));
        square[i] = (square[i] * AdamWStep.Beta2) + (gradient * gradient * (1 - AdamWStep.Beta2));
        values[i] = (values[i] * step.Kept) - (mean[i] * step.Rate / (MathF.Sqrt(square[i] / step.Variance) + AdamWStep.Epsilon));
    }

    /// <summary>Does work in pieces that do not depend on the number of threads.</summary>
    static void InChunks(long length, long chunk, Action<long, int> work)
    {
        var chunks = (length + chunk - 1) / chunk;
        void Do(long i) => work(i * chunk, (int)Math.Min(chunk, length - (i * chunk)));
        if (chunks > FewChunks && get_num_threads() > 1)
        {
            Parallel.For(0, chunks, new() { MaxDegreeOfParallelism = get_num_threads() }, Do);
            return;
        }
        for (long i = 0; i < chunks; i++)
        {
            Do(i);
        }
    }

    static float* Begin(Tensor flat)
    {
        using var first = flat.narrow(0, 0, 1);
        fixed (byte* begin = first.bytes)
        {
            return (float*)begin;
        }
    }
}
