using Google.Protobuf;
using Onnx;

namespace Cclm.Export;

/// <summary>Bytes that are no usable ONNX model, or a model that breaks a rule; the message says which, where, and what to do.</summary>
/// <param name="message">What was found, what was expected, and what to do.</param>
/// <param name="inner">What the parser said, where it was the parser that failed.</param>
public sealed class OnnxModelException(string message, Exception? inner = null) : FormatException(message, inner);

/// <summary>Reads and writes <c>.onnx</c> files.</summary>
public static class OnnxFile
{
    /// <summary>Reads a model.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="OnnxModelException">The file is empty, cut short, or of another format.</exception>
    public static ModelProto Load(string path)
    {
        if (Directory.Exists(path))
        {
            throw new OnnxModelException($"'{path}' is a folder; expected an .onnx file.");
        }
        using var stream = File.OpenRead(path);
        if (stream.Length == 0)
        {
            throw new OnnxModelException($"'{path}' is empty; expected an ONNX model. Export it again.");
        }
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(stream);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxModelException($"'{path}' ({stream.Length:N0} bytes) is not an ONNX model, or it was cut short: {e.Message} " +
                "Copy or export it again.", e);
        }
        if (model.Graph is null || !model.HasIrVersion || model.OpsetImport.Count == 0)
        {
            var missing = model.Graph is null ? "graph" : model.HasIrVersion ? "operator set" : "IR version";
            throw new OnnxModelException($"'{path}' ({stream.Length:N0} bytes) has no {missing}, so it is not an ONNX model, or it was cut short. " +
                "Copy or export it again.");
        }
        return model;
    }

    /// <summary>Writes a model whole or not at all: beside its place, then renamed over it.</summary>
    /// <exception cref="IOException">The file cannot be written; what was there before stays.</exception>
    /// <exception cref="OnnxModelException">The model is nested deeper than a reader can follow.</exception>
    public static void Save(ModelProto model, string path)
    {
        if (NestingCheck.Problem(model) is { } nesting)
        {
            throw new OnnxModelException($"'{path}' is not written: {nesting}");
        }
        AtomicFile.Write(path, model.WriteTo);
    }
}
