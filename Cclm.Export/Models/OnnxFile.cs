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
    /// <summary>A message of protobuf has at most 2 GiB; what comes near it is written to two files.</summary>
    const long MostBytes = 1L << 30;

    /// <summary>Reads a model. Tensors that lie in files beside it stay there until they are wanted.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="OnnxModelException">The file is empty, cut short, or of another format, or a file beside it is missing, cut short or elsewhere.</exception>
    public static ModelProto Load(string path)
    {
        if (Directory.Exists(path))
        {
            throw new OnnxModelException($"'{path}' is a folder; expected an .onnx file.");
        }
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}'; expected an .onnx file. Check the path, or export the model.", path);
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
        if (NestingCheck.Problem(model) is null)        // what is nested too deep is for the check to say
        {
            ExternalData.Resolve(model, path);
        }
        return model;
    }

    /// <summary>Writes a model whole or not at all: beside its place, then renamed over it.</summary>
    /// <remarks>
    /// A model of more than 1 GiB is two files: its larger tensors lie in <c>model.onnx.HASH.data</c> beside <c>model.onnx</c>, each from a page on. That
    /// name is of what is in it, so a model that is there already stays whole until it is replaced; then its own data are removed. Tensors are
    /// copied from where they lie, whatever their size.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; a folder that is missing is made.</param>
    /// <param name="dataBeside">Whether there are two files whatever the size.</param>
    /// <exception cref="IOException">The file cannot be written; what was there before stays.</exception>
    /// <exception cref="OnnxModelException">A tensor lies in a file that is not there any more, or the model is nested deeper than a reader can follow.</exception>
    public static void Save(ModelProto model, string path, bool dataBeside = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (NestingCheck.Problem(model) is { } nesting)
        {
            throw new OnnxModelException($"'{path}' is not written: {nesting}");
        }
        var before = ExternalData.FilesOf(path);
        var written = model.Tensors().Sum(TensorData.ByteLength) > MostBytes || dataBeside ? ExternalData.Write(model, path) : ExternalData.Inline(model);
        AtomicFile.Write(path, written.WriteTo);
        before.Except(ExternalData.FilesOf(path)).ToList().ForEach(File.Delete);
    }
}
