namespace EmbeddingService.Api;

/// <summary>What to look for in the .NET API.</summary>
/// <remarks>In a body rather than an address: addresses are logged, by this service and by what stands before it.</remarks>
sealed record SearchRequest
{
    /// <summary>The most that is found for one request.</summary>
    public const int MostFound = 100;

    /// <summary>What a member should do, in words.</summary>
    public required string Query { get; init; }

    /// <summary>How many members to find, from 1 to 100; 10 where it is left out.</summary>
    public int? Top { get; init; }
}
