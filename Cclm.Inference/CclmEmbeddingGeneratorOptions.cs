namespace Cclm.Inference;

/// <summary>A registered embedding generator: its model and how that runs. Binds to a section of the configuration.</summary>
public sealed class CclmEmbeddingGeneratorOptions : CclmModelOptions
{
    /// <summary>The composed <c>.onnx</c> file; a relative path is relative to the current directory.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether another content of the file is loaded while the application runs (<see cref="CclmModel.Reload(string)"/>); one that can not be loaded is logged, and the model stays.</summary>
    public bool ReloadOnChange { get; set; }

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
        {
            yield return problem;
        }
        if (Path.Length == 0)
        {
            yield return "Path is missing; expected the path of a composed .onnx file.";
        }
        else if (!File.Exists(Path))
        {
            yield return $"Path is '{Path}', and there is no file '{System.IO.Path.GetFullPath(Path)}'; expected a composed .onnx file.";
        }
    }
}
