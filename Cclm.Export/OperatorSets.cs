using Onnx;

namespace Cclm.Export;

/// <summary>The versions that new graphs are written for: old enough for every current runtime, new enough for Gelu.</summary>
static class OperatorSets
{
    public const long IrVersion = 10;

    static readonly Dictionary<string, long> Versions = new() { [""] = 20, ["ai.onnx.ml"] = 3, ["com.microsoft"] = 1 };

    /// <exception cref="NotSupportedException">The domain is none of those known.</exception>
    public static OperatorSetIdProto Import(string domain) => Versions.TryGetValue(domain, out var version)
        ? new() { Domain = domain, Version = version }
        : throw new NotSupportedException($"Operator domain '{domain}' is unknown; expected one of " +
            $"{string.Join(", ", Versions.Keys.Where(known => known.Length > 0))}, or none for the standard's own operators.");
}
