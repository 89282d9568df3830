using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Inference;

/// <summary>Opens a composed model, checks it, and runs it once, so that a model which loads is one that works.</summary>
static class ModelLoader
{
    /// <param name="name">The model, as errors call it.</param>
    /// <param name="open">Opens a session on it.</param>
    /// <param name="options">How to run it; the defaults where null.</param>
    /// <param name="logger">Is told when CUDA was wanted and the CPU is used.</param>
    public static CclmModel Load(string name, Func<SessionOptions, InferenceSession> open, CclmModelOptions? options, ILogger? logger)
    {
        options ??= new();
        if (options.Problems().ToArray() is { Length: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }
        var (session, provider) = Sessions.Open(name, open, options, logger);
        try
        {
            var model = new CclmModel(new(session, ModelContract.Read(session)), provider, options.BatchCharacters);
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

    static void Probe(CclmModel model)
    {
        var vocabulary = model.Preprocessor.Vocabulary;
        var highest = vocabulary.Characters.Count == 0 ? "" : vocabulary.Characters[^1].ToString();
        try
        {
            Run(highest);
        }
        catch (CclmModelException e) when (e.InnerException is OnnxRuntimeException && highest != "" && Runs(""))
        {
            throw new CclmModelException($"It runs, but not with the highest id of its vocabulary, {vocabulary.Count - 1}: " +
                $"its embedding table has fewer rows than the {vocabulary.Count} that the vocabulary needs. " +
                "Compose it with the preprocessor that its embedder was trained with.", e);
        }

        void Run(string text)
        {
            _ = model.Dimensions > 0 ? (Array)model.Embed(text) : model.EmbedPositions(text);
        }

        bool Runs(string text)
        {
            try
            {
                Run(text);
                return true;
            }
            catch (CclmModelException)
            {
                return false;
            }
        }
    }
}
