using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Tensors whose elements lie in files beside the model (docs/ExternalData.md of the standard).</summary>
/// <remarks>
/// In a model that was loaded, <c>location</c> is the whole path of the file, so that parts of several folders can be in one model and their
/// elements are read only when they are wanted. In a file it is a name beside the model.
/// </remarks>
static class ExternalData
{
    /// <summary>A page: a tensor that begins at one can be mapped into memory.</summary>
    const int Alignment = 4_096;

    /// <summary>Tensors of fewer bytes stay in the model.</summary>
    const int SmallTensor = 1_024;

    /// <summary>Where the elements of a tensor are.</summary>
    public readonly record struct Place(string Path, long Offset, long Length);

    /// <exception cref="OnnxModelException">The entries are none, or the model was not loaded from a file.</exception>
    public static Place Of(TensorProto tensor)
    {
        var location = Entry(tensor, "location") ?? throw new OnnxModelException($"Tensor '{tensor.Name}' lies in another file, and does not say in which. Export the model again.");
        if (!Path.IsPathFullyQualified(location))
        {
            throw new OnnxModelException($"Tensor '{tensor.Name}' lies in '{location}' beside its model, and where that is is not known. Load the model with {nameof(OnnxFile)}.{nameof(OnnxFile.Load)}.");
        }
        return new(location, Number(tensor, "offset") ?? 0, Number(tensor, "length") ?? ElementType.ByteLength((DataType)tensor.DataType, [.. tensor.Dims]) ?? 0);
    }

    /// <summary>Checks where each tensor of a model that was just read lies, and says it by its whole path.</summary>
    /// <exception cref="OnnxModelException">Outside the model's folder, behind a link, or not all there.</exception>
    public static void Resolve(ModelProto model, string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (var tensor in model.Tensors().Where(tensor => tensor.DataLocation == DataLocation.External))
        {
            var title = $"Tensor '{tensor.Name}' of '{path}'";
            var location = Entry(tensor, "location") ?? throw new OnnxModelException($"{title} lies in another file, and does not say in which. Export the model again.");
            var file = Inside(folder, location, title);
            var expected = ElementType.ByteLength((DataType)tensor.DataType, [.. tensor.Dims]);
            var (offset, length) = (Number(tensor, "offset") ?? 0, Number(tensor, "length") ?? expected ?? 0);
            if (offset < 0 || length < 0 || length != expected)
            {
                throw new OnnxModelException($"{title} ({OnnxValues.Describe(tensor)}) is said to be {length} bytes at {offset}; expected {(expected is { } bytes ? $"{bytes} bytes" : "a type that can lie in another file")}. Export the model again.");
            }
            if (!File.Exists(file) || new FileInfo(file).Length - offset < length)
            {
                throw new OnnxModelException($"{title} lies in '{location}' from byte {offset} to {offset + length}, but {(File.Exists(file) ? $"that file has {new FileInfo(file).Length} bytes" : "there is no such file")}. Copy the model with all its files.");
            }
            Set(tensor, file, offset, length);
        }
    }

    /// <summary>Writes the larger tensors of a model to a file beside it.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="path">The model's own file.</param>
    /// <returns>The model that names the file; write it to <paramref name="path"/> after this.</returns>
    public static ModelProto Write(ModelProto model, string path)
    {
        var written = model.Clone();            // with the same bytes: they are not copied
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var large = written.Tensors().Where(tensor => TensorData.ByteLength(tensor) >= SmallTensor).ToList();
        if (large.Count == 0)
        {
            return Inline(model);
        }
        var unnamed = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.data");
        string name;
        try
        {
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                AtomicFile.Write(unnamed, stream => large.ForEach(tensor => Write(tensor, stream, hash)));
                name = $"{Path.GetFileName(path)}.{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}.data";
            }
            File.Move(unnamed, Path.Combine(folder, name), overwrite: true);
        }
        finally
        {
            File.Delete(unnamed);
        }
        large.ForEach(tensor => Set(tensor, name, Number(tensor, "offset")!.Value, Number(tensor, "length")!.Value));
        foreach (var small in written.Tensors().Where(tensor => tensor.DataLocation == DataLocation.External && !large.Contains(tensor)))
        {
            Inline(small);
        }
        return written;
    }

    /// <summary>The files that <see cref="Write(ModelProto, string)"/> wrote for the model that is at a place now.</summary>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path));
        if (!File.Exists(path) || !Directory.EnumerateFiles(folder, $"{name}.*.data").Any())
        {
            return [];
        }
        try
        {
            return [.. OnnxFile.Load(path).Tensors().Where(tensor => tensor.DataLocation == DataLocation.External).Select(tensor => Of(tensor).Path).Distinct()
                .Where(file => Path.GetDirectoryName(file) == folder && Path.GetFileName(file).StartsWith($"{name}.", StringComparison.Ordinal) && file.EndsWith(".data", StringComparison.Ordinal))];
        }
        catch (OnnxModelException)
        {
            return [];      // what is there is no model of ours
        }
    }

    /// <summary>The model with all elements in it that lie in other files; itself where none do.</summary>
    public static ModelProto Inline(ModelProto model)
    {
        if (!model.Tensors().Any(tensor => tensor.DataLocation == DataLocation.External))
        {
            return model;
        }
        var whole = model.Clone();
        foreach (var tensor in whole.Tensors().Where(tensor => tensor.DataLocation == DataLocation.External))
        {
            Inline(tensor);
        }
        return whole;
    }

    static void Inline(TensorProto tensor)
    {
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(TensorData.Bytes(tensor));
        tensor.ClearDataLocation();
        tensor.ExternalData.Clear();
    }

    /// <summary>Writes a tensor's elements at the next page, and leaves it with their place alone.</summary>
    static void Write(TensorProto tensor, Stream stream, IncrementalHash hash)
    {
        var padding = new byte[(Alignment - (stream.Position % Alignment)) % Alignment];
        stream.Write(padding);
        hash.AppendData(padding);
        var offset = stream.Position;
        foreach (var chunk in TensorData.Chunks(tensor))
        {
            stream.Write(chunk.Span);
            hash.AppendData(chunk.Span);
        }
        var length = stream.Position - offset;
        TensorData.Clear(tensor);
        Set(tensor, "", offset, length);
    }

    /// <summary>A file in the model's folder or below it, none of them a link.</summary>
    static string Inside(string folder, string location, string title)
    {
        if (Path.IsPathRooted(location) || location.Split('/', '\\').Any(step => step is ".." or "") || location.Contains(':', StringComparison.Ordinal))
        {
            throw new OnnxModelException($"{title} lies in '{VisibleText.Of(location)}'; expected a file beside the model. Do not use this model if you do not trust who made it.");
        }
        var file = folder;
        foreach (var step in location.Split('/', '\\'))
        {
            file = Path.Combine(file, step);
            if (new FileInfo(file).LinkTarget is not null)
            {
                throw new OnnxModelException($"{title} lies in '{VisibleText.Of(location)}', and '{VisibleText.Of(step)}' is a link; expected a file. Copy what it leads to into its place.");
            }
        }
        return file;
    }

    static void Set(TensorProto tensor, string location, long offset, long length)
    {
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Clear();
        foreach (var (key, value) in new[] { ("location", location), ("offset", offset.ToString(CultureInfo.InvariantCulture)), ("length", length.ToString(CultureInfo.InvariantCulture)) })
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }

    static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;

    static long? Number(TensorProto tensor, string key) => Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new OnnxModelException($"The {key} of tensor '{tensor.Name}' in its file is '{VisibleText.Of(text)}'; expected a number. Export the model again.");
}
