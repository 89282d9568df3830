using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>A model of the standard's own tests for its operators, with the inputs that are recorded for it (Debian's package libonnx-testdata).</summary>
/// <param name="Folder">Where its file lies.</param>
/// <param name="File">The model's file.</param>
sealed record OfficialModel(string Folder, string File)
{
    const string Debian = "/usr/share/libonnx-testdata/data";

    /// <summary>The kind of test and its name: <c>node/test_abs</c>.</summary>
    public string Name => $"{Path.GetFileName(Path.GetDirectoryName(Folder))}/{Path.GetFileName(Folder)}{(Path.GetFileName(File) == "model.onnx" ? "" : $"/{Path.GetFileName(File)}")}";

    /// <summary>All of them; the environment variable CCLM_ONNX_TESTDATA names another folder of them. The test is skipped where there are none.</summary>
    public static OfficialModel[] All()
    {
        var root = Environment.GetEnvironmentVariable("CCLM_ONNX_TESTDATA") ?? Debian;
        if (!Directory.Exists(root))
        {
            Assert.Ignore($"{root} is missing; install libonnx-testdata to run the standard's own models.");
        }
        return [.. Directory.GetFiles(root, "*.onnx", SearchOption.AllDirectories).Select(file => new OfficialModel(Path.GetDirectoryName(file)!, file))
            .OrderBy(model => model.Name, StringComparer.Ordinal)];
    }

    /// <summary>The recorded inputs of a model, in its order.</summary>
    public RecordedValue[] Inputs(ModelProto model)
    {
        var weights = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        return [.. model.Graph.Input.Where(input => !weights.Contains(input.Name))
            .Select((input, i) => (input, file: Path.Combine(Folder, "test_data_set_0", $"input_{i}.pb"))).Where(pair => System.IO.File.Exists(pair.file))
            .Select(pair => new RecordedValue(pair.input.Name, pair.input.Type, System.IO.File.ReadAllBytes(pair.file)))];
    }

    /// <summary>The recorded elements of the float tensors among the outputs.</summary>
    public float[] RecordedFloats() => [.. Directory.GetFiles(Path.Combine(Folder, "test_data_set_0"), "output_*.pb").Order(StringComparer.Ordinal)
        .Select(file => TensorProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(file))).Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Float)
        .SelectMany(tensor => tensor.HasRawData ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : tensor.FloatData.ToArray())];
}
