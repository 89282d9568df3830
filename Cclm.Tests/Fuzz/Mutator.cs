using System.Buffers.Binary;
using System.Text;

namespace Cclm.Tests.Fuzz;

/// <summary>Damages good inputs, the same way for the same seed: flipped bits, cuts, splices, huge numbers, repeated and nested pieces, words that mean something.</summary>
/// <param name="seed">Of all choices.</param>
/// <param name="examples">Good inputs, or bad ones that were found before. Small ones are quick.</param>
/// <param name="words">What the format knows: keys, values, markers.</param>
sealed class Mutator(int seed, IReadOnlyList<byte[]> examples, params IReadOnlyList<string> words)
{
    const int MaxLength = 64 << 10, MaxNesting = 2000;

    static readonly string[] Numbers =
        ["0", "-1", "1", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e308", "1e999", "-0.0", "0.1", "1e-999", "NaN"];

    static readonly string[] Brackets = ["[", "{", "{\"a\":", "(", "\"", "<"];

    readonly Random random = new(seed);

    /// <summary>One more input: an example with one to four things done to it.</summary>
    public byte[] Next()
    {
        var input = Any(examples);
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            input = Change(input);
        }
        return input.Length > MaxLength ? input[..MaxLength] : input;
    }

    byte[] Change(byte[] input) => random.Next(10) switch
    {
        0 or 1 => FlipBits(input),
        2 => input[..random.Next(input.Length + 1)],
        3 => Cut(input),
        4 => Put(input, Piece(Any(examples))),                              // a splice
        5 => Put(input, Piece(input)),                                      // a part twice
        6 => ReplaceNumber(input, Bytes(Any(Numbers))),
        7 => BinaryNumber(input),
        8 => Put(input, Nest()),
        _ => Put(input, Bytes(words.Count > 0 ? Any(words) : Any(Numbers))),
    };

    byte[] FlipBits(byte[] input)
    {
        byte[] flipped = [.. input];
        for (var flips = random.Next(1, 5); flips > 0 && flipped.Length > 0; flips--)
        {
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        }
        return flipped;
    }

    byte[] Cut(byte[] input)
    {
        var begin = random.Next(input.Length + 1);
        return [.. input[..begin], .. input[random.Next(begin, input.Length + 1)..]];
    }

    byte[] Put(byte[] input, byte[] piece)
    {
        var at = random.Next(input.Length + 1);
        return [.. input[..at], .. piece, .. input[at..]];
    }

    byte[] Piece(byte[] input)
    {
        var begin = random.Next(input.Length + 1);
        return input[begin..random.Next(begin, Math.Min(input.Length, begin + 200) + 1)];
    }

    /// <summary>Another number in the place of one that is written in digits.</summary>
    byte[] ReplaceNumber(byte[] input, byte[] number)
    {
        var begin = random.Next(input.Length + 1);
        begin += Math.Max(0, input.AsSpan(begin).IndexOfAnyInRange((byte)'0', (byte)'9'));
        var length = input.AsSpan(begin).IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var end and >= 0 ? end : input.Length - begin;
        return [.. input[..begin], .. number, .. input[(begin + length)..]];
    }

    byte[] BinaryNumber(byte[] input)
    {
        byte[] changed = [.. input];
        if (changed.Length >= sizeof(long))
        {
            BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(random.Next(changed.Length - sizeof(long) + 1)), random.Next(3) == 0 ? random.NextInt64() : 1L << random.Next(64));
        }
        return changed;
    }

    byte[] Nest() => Bytes(string.Concat(Enumerable.Repeat(Any(Brackets), random.Next(1, MaxNesting))));

    T Any<T>(IReadOnlyList<T> some) => some[random.Next(some.Count)];

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
