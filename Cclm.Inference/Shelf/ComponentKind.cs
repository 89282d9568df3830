using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cclm.Inference;

/// <summary>What an item of a shelf is. In files, URLs and folders it is written in lower case.</summary>
public enum ComponentKind
{
    /// <summary>Text to ids: <c>preprocessor.json</c>.</summary>
    Preprocessor,

    /// <summary>The shared base: <c>preprocessor.json</c>, <c>embedder.safetensors</c> and <c>embedder.onnx</c>.</summary>
    Embedder,

    /// <summary>One component on an embedder: <c>tower.safetensors</c> and <c>tower.onnx</c>.</summary>
    Tower,

    /// <summary>What answers from towers: <c>head.safetensors</c>, and <c>head.onnx</c> of one that ships.</summary>
    Head,

    /// <summary>A composed model, which has all that it needs in itself: <c>model.onnx</c>.</summary>
    Composed,
}

/// <summary>Kinds as they are written.</summary>
public static class ComponentKinds
{
    /// <param name="kind">A kind.</param>
    extension(ComponentKind kind)
    {
        /// <summary>The kind in files, URLs and folders, such as <c>tower</c>.</summary>
        public string ItemType => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
    }
}

sealed class ComponentKindConverter() : JsonStringEnumConverter<ComponentKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
