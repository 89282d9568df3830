using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>
/// What dropout lets through on this thread: a function of a step's seed, of how many layers drew before, and of the row in the batch.
/// So it is the same however a batch is dealt to threads.
/// </summary>
/// <remarks>The numbers are those of xoshiro128+ (Blackman and Vigna 2021), sixteen generators side by side for each row; libtorch draws one after the other.</remarks>
sealed class DropoutChance : IDisposable
{
    const int Lanes = 16, Words = 4;            // generators, and 32-bit words of each one's state

    [ThreadStatic]
    static DropoutChance? current;

    readonly DropoutChance? before = current;
    readonly long seed, firstRow, rows;

    DropoutChance(long seed, long firstRow, long rows, int drawn) => (this.seed, this.firstRow, this.rows, Drawn) = (seed, firstRow, rows, drawn);

    /// <summary>How many layers drew.</summary>
    public int Drawn { get; private set; }

    /// <summary>Until it is disposed, dropout on this thread draws so.</summary>
    /// <param name="seed">Of the step.</param>
    /// <param name="firstRow">Which row of the batch is the first that is computed here.</param>
    /// <param name="rows">How many are.</param>
    /// <param name="drawn">How many layers drew before.</param>
    public static DropoutChance Use(long seed, long firstRow, long rows, int drawn = 0) => current = new(seed, firstRow, rows, drawn);

    /// <summary>Dropout; libtorch's own where nothing is in use here, and on other devices.</summary>
    public static Tensor Apply(Dropout layer, Tensor x) =>
        layer is { training: true, p: > 0 and < 1 } && x is { device_type: DeviceType.CPU, dtype: ScalarType.Float32 } && current is { } chance ? x * chance.Mask(x.shape, layer.p) : layer.call(x);

    public void Dispose() => current = before;

    /// <summary>0 for what is dropped, else 1 / (1 - p).</summary>
    Tensor Mask(long[] shape, double p)
    {
        var mask = empty(shape);
        var numbers = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var parts = numbers.Length % rows == 0 ? (int)rows : 1;
        for (var (row, width) = (0, numbers.Length / parts); row < parts; row++)
        {
            Fill(numbers.Slice(row * width, width), p, firstRow + row);
        }
        Drawn++;
        return mask;
    }

    void Fill(Span<float> mask, double p, long row)
    {
        var state = (stackalloc ulong[Lanes * Words / 2]);
        for (var i = 0; i < state.Length; i++)
        {
            state[i] = (ulong)Randomness.Seed(seed, Drawn, row, i);
        }
        var words = MemoryMarshal.Cast<ulong, uint>(state);
        var (a, b, c, d) = (Vector512.Create<uint>(words), Vector512.Create<uint>(words[Lanes..]), Vector512.Create<uint>(words[(2 * Lanes)..]), Vector512.Create<uint>(words[(3 * Lanes)..]));
        var (least, kept) = (Vector512.Create((uint)(p * (1L << 32))), Vector512.Create((float)(1 / (1 - p))));
        for (; mask.Length > 0; mask = mask[Math.Min(Lanes, mask.Length)..])
        {
            var through = Vector512.GreaterThanOrEqual(a + d, least).AsSingle() & kept;
            if (mask.Length >= Lanes)
            {
                through.CopyTo(mask);
            }
            else
            {
                for (var i = 0; i < mask.Length; i++)
                {
                    mask[i] = through[i];
                }
            }
            var shifted = b << 9;
            c ^= a;
            d ^= b;
            b ^= c;
            a ^= d;
            c ^= shifted;
            d = (d << 11) | (d >>> 21);
        }
    }
}
