using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>Which texts to draw.</summary>
sealed record MapRequest
{
    /// <summary>One text, or several.</summary>
    [JsonConverter(typeof(TextsConverter))]
    public required IReadOnlyList<string> Input { get; init; }
}

/// <summary>Texts in the plane in which their vectors differ most.</summary>
/// <param name="Data">A point for each text, in their order.</param>
/// <param name="Variance">The share of the vectors' variance that lies along x, and along y.</param>
sealed record TextMap(IReadOnlyList<MapPoint> Data, IReadOnlyList<double> Variance)
{
    public string Object { get; } = "list";
}

/// <summary>Where a text lies.</summary>
sealed record MapPoint(double X, double Y);
