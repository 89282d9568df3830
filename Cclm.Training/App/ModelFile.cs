using Cclm.Export;
using Onnx;

namespace Cclm.Training.App;

/// <summary>The model files that a command line names.</summary>
static class ModelFile
{
    /// <summary>Reads a file that CCLM exported or composed.</summary>
    /// <exception cref="InvalidDataException">It is another model; the message names the file, of which a command may have several.</exception>
    public static ModelProto Load(FileInfo file)
    {
        var model = OnnxFile.Load(file.FullName);
        try
        {
            _ = ModelMetadata.Parse(ModelProperties.Read(model));
            return model;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file.FullName}': {e.Message}", e);
        }
    }
}
