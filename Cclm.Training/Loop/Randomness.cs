namespace Cclm.Training;

/// <summary>Chance as a function of where it is used: nothing has to be remembered of it to go on with a run.</summary>
static class Randomness
{
    /// <summary>A generator for one purpose.</summary>
    /// <param name="key">What it is for, such as the seed, the epoch and a row.</param>
    public static Random For(params ReadOnlySpan<long> key) => new((int)Seed(key));

    /// <summary>A well mixed number of a key: the finalizer of SplitMix64 (Steele, Lea and Flood 2014) over its words.</summary>
    public static long Seed(params ReadOnlySpan<long> key)
    {
        var state = 0UL;
        foreach (var word in key)
        {
            state = (state ^ (ulong)word) + 0x9E3779B97F4A7C15;
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
            state ^= state >> 31;
        }
        return (long)state;
    }
}
