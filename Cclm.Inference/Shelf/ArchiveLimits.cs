namespace Cclm.Inference;

/// <summary>How much an archive may hold before it is taken for a bomb.</summary>
public sealed record ArchiveLimits
{
    /// <summary>The most files and folders.</summary>
    public int MaxEntries { get; init; } = 256;

    /// <summary>The most bytes, packed as well as unpacked.</summary>
    /// <remarks>8 GiB is also the largest file that the archive's format can hold.</remarks>
    public long MaxBytes { get; init; } = 8L << 30;

    /// <summary>The most unpacked bytes for each packed one, counted from the first <see cref="FreeBytes"/> on.</summary>
    /// <remarks>Weights pack to little less than their size, JSON to a tenth; a bomb reaches 1,000.</remarks>
    public int MaxRatio { get; init; } = 100;

    /// <summary>Unpacked bytes that may have any ratio.</summary>
    public const int FreeBytes = 8 << 20;
}
