using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>Numbers for libtorch that outlive the call that they are given to.</summary>
/// <remarks>
/// TorchSharp makes a <see cref="Scalar"/> of a number in <c>x * 2</c>, <c>x.add(y)</c> or <c>arange(n)</c>, and nothing holds it
/// during the call: a garbage collection at that moment frees it while libtorch reads it, which then computes with another number
/// or stops with "Expected false to be true". Here a constant is kept for good; a number that changes is
/// <c>using var rate = x.ToScalar()</c>. The build refuses the rest (BannedSymbols.txt).
/// </remarks>
public static class Scalars
{
    static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    /// <summary>1, as every sum of two tensors takes it.</summary>
    public static Scalar One { get; } = Kept(1);

    /// <summary>A constant; each that was ever asked for is kept until the process ends.</summary>
    public static Scalar Kept(double value) => Reals.GetOrAdd(value, real => real.ToScalar());

    /// <summary>A whole constant; each that was ever asked for is kept until the process ends.</summary>
    public static Scalar Kept(long value) => Integers.GetOrAdd(value, integer => integer.ToScalar());

    /// <summary>The sum of two tensors, as x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);
}
