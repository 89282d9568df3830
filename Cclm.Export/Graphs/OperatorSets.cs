namespace Cclm.Export;

/// <summary>The versions that nodes are written for here: old enough for every current runtime, new enough for Gelu.</summary>
static class OperatorSets
{
    public const long IrVersion = 10;

    static readonly Dictionary<string, long> Versions = new() { [""] = 20, ["ai.onnx.ml"] = 3, ["com.microsoft"] = 1 };

    /// <exception cref="NotSupportedException">The domain is none of those known.</exception>
    public static long Version(string domain) => Versions.TryGetValue(domain, out var version) ? version
        : throw new NotSupportedException($"Operator domain '{domain}' is unknown; expected one of " +
            $"{string.Join(", ", Versions.Keys.Where(known => known.Length > 0))}, or none for the standard's own operators.");

    /// <summary>The domain as people write it: the standard's own has an empty name and an alias.</summary>
    public static string Name(string domain) => domain.Length == 0 ? "ai.onnx" : domain;

    /// <summary>The one name for a domain that has two.</summary>
    public static string Canonical(string domain) => domain == "ai.onnx" ? "" : domain;
}
