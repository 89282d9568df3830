using System.Diagnostics;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training.Data;
using Onnx;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary>The whole path: train an embedder and two towers, export, stitch, check, embed, search.</summary>
sealed class Demo(string output, IReadOnlyList<DemoText> texts, PartTypes parts, Terminal terminal) : IDisposable
{
    const int CheckedTexts = 64, Hits = 3, EmbeddedAtOnce = 4096;

    readonly Stopwatch clock = Stopwatch.StartNew();
    CclmModel? model;
    TextSearch? search;

    public DemoResult Run(CancellationToken cancellation)
    {
        var (train, heldOut) = Corpus.Split(Labelled(), text => text.Text, DemoSettings.HeldOutPermille);
        var folder = new ModelFolder(Path.Combine(output, "training"), parts);
        using var alone = folder.Lock();
        var composed = Train(folder, train, cancellation);
        using (composed.Model)
        {
            var (files, stitched) = terminal.Progress("Export, stitch and check", _ => Write(folder));
            var batch = composed.Preprocessor.Encode([.. heldOut.Take(CheckedTexts).Select(text => text.Text)]);
            var (parity, square) = (CompositionCheck.Parity(composed.Model, stitched, batch), CompositionCheck.Square(composed.Model, composed.Preprocessor, stitched, batch));

            var vectors = Open(Path.Combine(output, "composed.onnx"), cancellation);
            var accuracy = terminal.Progress("Linear classifier on the vectors", _ => LinearProbe.Accuracy(
                [.. train.Select(row => vectors[row.Text])], [.. train.Select(row => row.Label)],
                [.. heldOut.Select(row => vectors[row.Text])], [.. heldOut.Select(row => row.Label)]));
            return new(
                [.. files.Select(file => new DemoFile(file, new FileInfo(file).Length))], texts.Count, train.Count, heldOut.Count, train.Select(row => row.Label).Distinct().Count(),
                accuracy, heldOut.CountBy(row => row.Label).Max(label => (double)label.Value / heldOut.Count), parity, square, model!.Provider.ToString(),
                [.. DemoSettings.Queries.Select(Search)], clock.Elapsed.TotalSeconds, Process.GetCurrentProcess().PeakWorkingSet64);
        }
    }

    /// <summary>Searches with a model that was made before, in place of <see cref="Run"/>.</summary>
    public IReadOnlyList<SearchResult> Use(string composed, CancellationToken cancellation)
    {
        Open(composed, cancellation);
        return [.. DemoSettings.Queries.Select(Search)];
    }

    /// <summary>The texts nearest to a query.</summary>
    public SearchResult Search(string query) => search!.Find(query, model!.Embed(query), Hits);

    public void Dispose() => model?.Dispose();

    /// <summary>Makes the texts' vectors with a model, and searches among them from now on.</summary>
    Dictionary<string, float[]> Open(string composed, CancellationToken cancellation)
    {
        model = CclmModel.Load(composed);
        var vectors = Embed(cancellation);
        search = new(texts, vectors);
        return vectors;
    }

    (ComposedModel Model, Preprocessor Preprocessor) Train(ModelFolder folder, IReadOnlyList<LabelledText> train, CancellationToken cancellation)
    {
        torch.random.manual_seed(DemoSettings.CharacterTraining.Seed);
        torch.set_num_threads(Environment.ProcessorCount);
        IReadOnlyList<string> distinct = [.. train.Select(row => row.Text).Distinct()];
        var preprocessor = new Preprocessor(Vocabulary.Fit(distinct, DemoSettings.Vocabulary), new() { MaxLength = DemoSettings.MaxLength });
        var embedder = new ConvEmbedder(DemoSettings.Embedder(preprocessor.Vocabulary.Count));
        var characters = new TransformerTower(embedder, DemoSettings.Tower);
        var namespaces = new TransformerTower(embedder, DemoSettings.Tower);
        var typos = Augmentors.Typos(DemoSettings.Typos);

        using (var pretrainer = new CharacterMaskPretrainer(DemoSettings.Characters, preprocessor, embedder, characters, new() { Augmentor = typos }))
        {
            Finish(terminal.Train($"Embedder and tower '{pretrainer.Name}'", [pretrainer.On(RowSource.Of(distinct))], DemoSettings.CharacterTraining, folder: null, cancellation));
            pretrainer.Save(folder);
        }
        string[] labels = [.. train.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal)];
        using (var pretrainer = new CategoricalPretrainer(DemoSettings.Namespaces, preprocessor, embedder, namespaces, labels, typos))
        {
            pretrainer.Freeze(Parts.Embedder);
            Finish(terminal.Train($"Tower '{pretrainer.Name}' on the frozen embedder", [pretrainer.On(RowSource.Of(train))], DemoSettings.NamespaceTraining, folder: null, cancellation));
            pretrainer.Save(folder);
        }
        return (new(embedder, (DemoSettings.Characters, characters), (DemoSettings.Namespaces, namespaces)), preprocessor);

        void Finish(TrainingResult result)
        {
            if (result.Cancelled)
            {
                throw new OperationCanceledException(cancellation);
            }
        }
    }

    /// <summary>Texts whose label is frequent enough to be learned.</summary>
    IReadOnlyList<LabelledText> Labelled()
    {
        var frequent = texts.CountBy(text => text.Label).Where(label => label.Value >= DemoSettings.MinTextsALabel).Select(label => label.Key).ToHashSet();
        return frequent.Count > 1 ? [.. texts.Where(text => frequent.Contains(text.Label)).Select(text => new LabelledText(text.Label, text.Text))]
            : throw new InvalidDataException($"The corpus has {frequent.Count} labels with {DemoSettings.MinTextsALabel} texts or more; the demo needs two.");
    }

    (IReadOnlyList<string> Files, ModelProto Stitched) Write(ModelFolder folder)
    {
        string[] towers = [DemoSettings.Characters, DemoSettings.Namespaces];
        var exported = ExportFolder.Write(folder, output, towers);
        var stitched = ExportFolder.Compose(output, towers, heads: [], new() { Pooling = new(Pooling.MeanMax) });
        var (ids, text) = (Path.Combine(output, "composed.onnx"), Path.Combine(output, "composed.text.onnx"));
        OnnxFile.Save(stitched, ids);
        OnnxFile.Save(TextInput.Prepend(stitched), text);
        return ([Path.Combine(output, "preprocessor.json"), .. exported, ids, text], stitched);
    }

    Dictionary<string, float[]> Embed(CancellationToken cancellation) => terminal.Progress($"Vectors of {texts.Count:N0} texts in ONNX Runtime", report =>
    {
        var (vectors, distinct) = (new Dictionary<string, float[]>(), texts.Select(text => text.Text).Distinct().ToList());
        foreach (var some in distinct.Chunk(EmbeddedAtOnce))
        {
            foreach (var (text, vector) in some.Zip(model!.Embed(some, cancellationToken: cancellation)))
            {
                vectors.Add(text, vector);
            }
            report((double)vectors.Count / distinct.Count, "");
        }
        return vectors;
    });
}
