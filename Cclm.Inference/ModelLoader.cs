using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Inference;

/// <summary>Opens a composed model, checks it, and runs it once, so that a model which loads is one that works.</summary>
static class ModelLoader
{
    /// <exception cref="CclmModelException">The file is missing, damaged, not a composed CCLM model or inconsistent, or CUDA is asked for and missing.</exception>
    public static LoadedModel Load(string path, CclmModelOptions options, ILogger? logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new CclmModelException(Directory.Exists(path) ? $"'{path}' is a folder; expected a composed .onnx file."
                : $"There is no file '{Path.GetFullPath(path)}'. Give the path of a composed .onnx file, as 'cclm compose' writes it.");
        }
        return Load($"'{path}'", settings => new(path, settings), options, logger);
    }

    /// <param name="name">The model, as errors call it.</param>
    /// <param name="open">Opens a session on it.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="logger">Is told when CUDA was wanted and the CPU is used.</param>
    public static LoadedModel Load(string name, Func<SessionOptions, InferenceSession> open, CclmModelOptions options, ILogger? logger)
    {
        var (session, provider) = Sessions.Open(name, open, options, logger);
        try
        {
            var model = new LoadedModel(new(session, provider, options.CudaDevice, ModelContract.Read(session)));
            Probe(model);
            return model;
        }
        catch (Exception e)
        {
            session.Dispose();
            if (e is InvalidDataException or CclmModelException)
            {
                throw new CclmModelException($"{name} cannot be used. {e.Message}", e);
            }
            throw;
        }
    }

    static void Probe(LoadedModel model)
    {
        var vocabulary = model.Contract.Preprocessor.Vocabulary;
        var highest = vocabulary.Characters.Count == 0 ? "" : vocabulary.Characters[^1].ToString();
        try
        {
            model.Runner.Probe(highest);
        }
        catch (CclmModelException e) when (e.InnerException is OnnxRuntimeException && highest != "" && Runs(""))
        {
            throw new CclmModelException($"It runs, but not with the highest id of its vocabulary, {vocabulary.Count - 1}: " +
                $"its embedding table has fewer rows than the {vocabulary.Count} that the vocabulary needs. " +
                "Compose it with the preprocessor that its embedder was trained with.", e);
        }

        bool Runs(string text)
        {
            try
            {
                model.Runner.Probe(text);
                return true;
            }
            catch (CclmModelException)
            {
                return false;
            }
        }
    }
}
