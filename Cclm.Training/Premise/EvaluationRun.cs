using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>One model and its baselines, on each study.</summary>
/// <param name="data">The data sets.</param>
/// <param name="model">The composed model.</param>
/// <param name="trainable">The same model in training, for studies that train it or ask it for more than vectors.</param>
/// <param name="encoder">Another model of sentences that is measured beside it, if there is one.</param>
/// <param name="cancellation">Ends it.</param>
public sealed class EvaluationRun(EvaluationData data, CclmModel model, Lazy<TrainableModel> trainable, Teacher? encoder, CancellationToken cancellation)
{
    const int FewLabels = 100, ManyLabels = 1_000, TunedEpochs = 4, TaggedSentences = 40_000, EmotionRows = 8_000;

    readonly KnownVectors vectors = new(texts => model.Embed(texts, cancellationToken: cancellation));

    /// <summary>The names of all studies, and what they need.</summary>
    public static IReadOnlyDictionary<string, string> Studies { get; } = new OrderedDictionary<string, string>
    {
        ["ag"] = "ag_news/test.tsv",
        ["dbpedia"] = "dbpedia14k/train.tsv of more than 4,000 rows",
        ["emotions"] = "goemotions/test.tsv",
        ["cora"] = "graph_cora/data.txt and group.txt",
        ["similarity"] = "stsb/test.tsv",
        ["search"] = "the .NET SDK's documentation",
        ["entities"] = "a test of ner/wnut17, uner_ewt or wikiann, and draws (--tuned)",
        ["language"] = "wikitext2/test.txt or ag_news/test.tsv, and a causal tower that tells the next character",
        ["tuned"] = "ag_news/test.tsv, --labels of 100, 1000 or 0, and draws (--tuned)",
    };

    /// <summary>Those of <see cref="Studies"/> that train the model, or ask it for more than vectors.</summary>
    public static IReadOnlyList<string> TrainingStudies { get; } = ["entities", "language", "tuned"];

    /// <summary>Labels a class of AG News; 0 for all. Whole models are trained on 100, 1,000 and all, where these are among them.</summary>
    public IReadOnlyList<int> Labels { get; init; } = [10, 100, 1_000, 0];

    /// <summary>Draws of labels.</summary>
    public int Seeds { get; init; } = 5;

    /// <summary>Draws of labels where whole models are trained; 0 for none.</summary>
    public int TunedSeeds { get; init; } = 3;

    /// <summary>Of the matrix products of models that are trained as a whole.</summary>
    public Precision Precision { get; init; }

    /// <summary>fastText's program.</summary>
    public string FastText { get; init; } = "fasttext";

    /// <summary>A file of texts, one a line, that fastText learns vectors from in one more row; null for none.</summary>
    public string? FastTextTexts { get; init; }

    /// <summary>Whether what one would take otherwise is measured too; else the model alone, and what is left of it without one of its towers.</summary>
    public bool Baselines { get; init; } = true;

    /// <summary>What the table calls the other model of sentences.</summary>
    public string EncoderName { get; init; } = "encoder";

    IReadOnlyList<string> Towers => [.. model.Towers.Select(tower => tower.Name)];

    Represented Composed => new StandardizedVectors("composed", vectors.Of);

    IEnumerable<Represented> Whitened => ((WhiteningOptions[])[new(), new() { Dimensions = 512, Strength = 0.5 }])
        .Select(options => new StandardizedVectors(FormattableString.Invariant($"composed, whitened to {options.Dimensions} by {options.Strength}"), vectors.Of) { Whitening = options });

    IEnumerable<Represented> Alone => Towers.Select(tower => new StandardizedVectors($"{tower} alone", vectors.Of, Slices(name => name == tower)));

    IEnumerable<Represented> LeftOut => Towers.Where(_ => Towers.Count > 1).Select(tower => new StandardizedVectors($"without {tower}", vectors.Of, Slices(name => name != tower)));

    IEnumerable<Represented> Encoder => encoder is null ? [] : [new StandardizedVectors(EncoderName, texts => texts.Select(text =>
    {
        cancellation.ThrowIfCancellationRequested();
        return encoder.VectorOf(text);      // which keeps it
    }))];

    IEnumerable<Represented> Compared => [Composed, .. LeftOut, .. Linear, .. Encoder];

    IEnumerable<Represented> Linear => Baseline(new NGrams("character 1-5-grams", TfIdf.Characters(1, 5)), new NGrams("word 1-2-grams", TfIdf.OfWords(2)));

    /// <summary>Measures one study; nothing where its data is not there.</summary>
    public IEnumerable<Measured> Measure(string study)
    {
        vectors.Clear();
        return study switch
        {
            "ag" => Ag(),
            "dbpedia" => data.Dbpedia is { Train.Count: > 0 } set ? Small(new("DBpedia", set.Train, set.Test, Noises(40), Seeds), FewLabels) : [],
            "emotions" => Emotions(),
            "cora" => data.Cora is { Test.Count: > 0 } set ? Small(new("Cora", set.Train, set.Test, Noises(40), Seeds), 0) : [],
            "similarity" => data.StsB is { Count: > 0 } pairs ? Similarity(new(pairs)) : [],
            "search" => Search(new(ApiDocumentation.Read())),
            "entities" => Entities(),
            "language" => Language(),
            "tuned" => Tuned(),
            _ => throw new ArgumentException($"There is no study '{study}'; there are {string.Join(", ", Studies.Keys)}.", nameof(study)),
        };
    }

    /// <summary>What labels are drawn from and what is asked; nothing where there is no test.</summary>
    (IReadOnlyList<LabelledText> Pool, IReadOnlyList<LabelledText> Test) AgNews()
    {
        var test = data.AgTest;
        if (test.Count == 0)
        {
            return ([], []);
        }
        var pool = data.AgPool;
        Need(pool, "ag_news/train_8k.tsv");
        var known = pool.Select(row => row.Label).ToHashSet();
        return test.FirstOrDefault(row => !known.Contains(row.Label)) is { } strange
            ? throw new InvalidDataException($"'ag_news/test.tsv' has a text of '{strange.Label}', of which no text is learned from; expected {string.Join(", ", known.Order(StringComparer.Ordinal).Select(label => $"'{label}'"))}. Check its first column.")
            : (pool, test);
    }

    IEnumerable<Measured> Ag()
    {
        var (pool, test) = AgNews();
        if (test.Count == 0)
        {
            return [];
        }
        var study = new ClassificationStudy("AG News", pool, test, AgNoises(10, 20, 40), Seeds);
        return InTurn(
            study.Measure(Composed, Labels),
            If(Labels.Contains(FewLabels), Alone.SelectMany(tower => study.Measure(tower, [FewLabels]))),
            If(Labels.Contains(ManyLabels), LeftOut.SelectMany(tower => study.Measure(tower, [ManyLabels]))),
            Linear.Concat(Encoder).SelectMany(other => study.Measure(other, Labels)),
            If(Baselines, study.Measure(new NGrams("character 1-5-grams, noisy texts too", TfIdf.Characters(1, 5)), Labels, Augmentors.Typos(0.4))),
            If(Baselines, FastTexts(study)),
            If(Labels.Contains(0), Apart(pool, test)));
    }

    IEnumerable<Measured> Apart(IReadOnlyList<LabelledText> pool, IReadOnlyList<LabelledText> test)
    {
        var overlap = new ShingleOverlap();
        foreach (var row in test)
        {
            overlap.Add(row.Text);
        }
        var study = new ClassificationStudy("AG News, without texts that share 8 words with the test", [.. pool.Where(row => !overlap.Touches(row.Text))], test, Noises(40), Seeds);
        foreach (var row in Linear.Prepend(Composed).SelectMany(each => study.Measure(each, [0])))
        {
            yield return row;
        }
    }

    IEnumerable<Measured> FastTexts(ClassificationStudy study)
    {
        (string Name, string[] Options, string? Texts)[] kinds = [("fastText", [], null), ("fastText, character 3-6-grams", ["-minn", "3", "-maxn", "6"], null), .. FastTextTexts is null ? [] : ((string, string[], string?)[])[("fastText, vectors learned before", [], FastTextTexts)]];
        foreach (var (name, characters, texts) in Premise.FastText.IsHere(FastText) ? kinds : [])
        {
            using var text = new FastText(FastText, ["-wordNgrams", "2", "-epoch", "25", "-lr", "0.5", .. characters]);
            if (texts is not null)
            {
                text.LearnVectors(File.ReadLines(texts));
            }
            foreach (var row in study.Measure(name, Labels, text.Train))
            {
                yield return row;
            }
        }
    }

    IEnumerable<Measured> Small(ClassificationStudy study, params IReadOnlyList<int> labels) =>
        Compared.SelectMany(each => study.Measure(each, labels));

    IEnumerable<Measured> Emotions()
    {
        var (train, dev, test) = (data.GoEmotions("train"), data.GoEmotions("dev"), data.GoEmotions("test"));
        static LabelledText[] Single(IEnumerable<MultiLabelledText> rows) => [.. rows.Where(row => row.Labels.Count == 1).Select(row => new LabelledText(row.Labels[0], row.Text))];
        var (learned, asked) = (Single(train), Single(test));
        if (asked.Length == 0)
        {
            return [];
        }
        Need(learned, "goemotions/train.tsv");
        Need(dev, "goemotions/dev.tsv");
        return InTurn(
            Small(new("GoEmotions, texts of one emotion", [.. learned.OrderBy(row => TextHash.Of(row.Text)).Take(EmotionRows)], asked, Noises(40), Seeds), 0),
            Compared.SelectMany(new MultiLabelStudy("GoEmotions, any number of emotions", train, dev, test, Noises(40)).Measure));
    }

    IEnumerable<Measured> Similarity(SimilarityStudy study) =>
        ((IEnumerable<Represented>)[Composed, .. Whitened, .. Alone, .. Baseline(new NGrams("character trigrams", TfIdf.Characters(3, 3)), new NGrams("words", TfIdf.OfWords(1))), .. Encoder]).SelectMany(study.Measure);

    IEnumerable<Measured> Search(SearchStudy study) => InTurn(
        If(Baselines, study.Measure("BM25", documents =>
        {
            var index = new Bm25(documents);
            return queries => query => index.Scores(queries[query]);
        })),
        ((IEnumerable<Represented>)[.. Baseline(new NGrams("character trigrams", TfIdf.Characters(3, 3))), Composed, .. Whitened, .. Alone, .. Encoder]).SelectMany(study.Measure));

    IEnumerable<Measured> Entities()
    {
        foreach (var set in (string[])["wnut17", "uner_ewt", "wikiann"])
        {
            var (train, test) = (data.Entities(set, "train"), data.Entities(set, "test"));
            if (test.Count == 0 || TunedSeeds == 0)
            {
                continue;
            }
            Need(train, $"ner/{set}/train.conll");
            var tuning = Tuning(Math.Clamp(TaggedSentences / train.Count, 2, 10)) with { LearningRate = 1e-3 };
            foreach (var (name, begin) in ((string, Func<int, ComposedModel>)[])[("composed, fine-tuned", _ => trainable.Value.Pretrained(Towers)), ("from scratch", seed => trainable.Value.Drawn(seed, Towers))])
            {
                var f1 = Enumerable.Range(0, TunedSeeds).Select(seed => tuning.Tag(trainable.Value.Preprocessor, begin(seed), false, train, seed, test)[0]).ToList();
                yield return new($"Entities of {set}", "clean", name, "span F1", f1, double.NaN, double.NaN, test.Count);
            }
        }
    }

    /// <summary>Texts that no tower has seen, each piece that the model reads at once without what is before it.</summary>
    IEnumerable<Measured> Language()
    {
        var longest = model.Preprocessor.Options.MaxLength - 1;
        foreach (var (name, texts) in ((string, IEnumerable<string>)[])[("WikiText-2 test", data.WikiText("test")), ("AG News test", data.AgTest.Select(row => row.Text))])
        {
            string[] pieces = [.. texts.SelectMany(text => text.EnumerateRunes().Chunk(longest)).Where(runes => runes.Length > 1).Select(runes => string.Concat(runes))];
            foreach (var (tower, bits) in pieces.Length == 0 ? [] : trainable.Value.BitsPerCharacterOf(pieces, cancellation))
            {
                yield return new(name, TestNoise.None.Name, tower, BitsPerCharacter.Name, [bits], double.NaN, double.NaN, pieces.Length);
            }
        }
    }

    /// <summary>The model as it is, trained as a whole, and from scratch, on the same labels.</summary>
    IEnumerable<Measured> Tuned()
    {
        var (pool, test) = TunedSeeds == 0 ? ([], []) : AgNews();
        if (test.Count == 0)
        {
            yield break;
        }
        var noises = AgNoises(40);
        IReadOnlyList<LabelledText>[] asked = [.. noises.Select(noise => (IReadOnlyList<LabelledText>)[.. noise.Of(test.Select(row => row.Text)).Zip(test, (text, row) => row with { Text = text })])];
        (string Name, bool Frozen, Func<int, ComposedModel> Begin)[] models =
        [
            ("composed, fine-tuned", false, _ => trainable.Value.Pretrained(Towers)), ("from scratch", false, seed => trainable.Value.Drawn(seed, Towers)),
            ("composed, head alone", true, _ => trainable.Value.Pretrained(Towers)), ("random towers, head alone", true, seed => trainable.Value.Drawn(seed, Towers)),
        ];
        foreach (var count in Labels.Where(count => count is FewLabels or ManyLabels or 0))
        {
            var (seeds, tuning) = count == FewLabels ? (TunedSeeds, Tuning(TunedEpochs)) : (1, Tuning(TunedEpochs) with { DepthDecay = 1 });
            foreach (var (name, frozen, begin) in models.Where(model => count == FewLabels || !model.Frozen))
            {
                var scores = Enumerable.Range(0, seeds).Select(seed => tuning.Classify(trainable.Value.Preprocessor, begin(seed), frozen, [.. ClassificationStudy.Draw(pool, count, seed).Select(row => pool[row])], seed, asked)).ToList();
                for (var noise = 0; noise < noises.Count; noise++)
                {
                    yield return new(ClassificationStudy.NameOf("AG News", pool, count) + ", trained as a whole", noises[noise].Name, name, "accuracy", [.. scores.Select(seed => seed[noise])], double.NaN, double.NaN, test.Count);
                }
            }
        }
    }

    IEnumerable<Represented> Baseline(params IEnumerable<Represented> models) => Baselines ? models : [];

    static void Need<T>(IReadOnlyCollection<T> rows, string file)
    {
        if (rows.Count == 0)
        {
            throw new InvalidDataException($"There is a test, and no '{file}' to learn from. Put it into the data's folder (docs/evaluation.md), or name other studies (--only).");
        }
    }

    static IEnumerable<Measured> If(bool isAsked, IEnumerable<Measured> rows) => isAsked ? rows : [];

    Range[] Slices(Func<string, bool> isRead) => [.. model.Towers.Where(tower => isRead(tower.Name)).Select(tower => new Range(tower.EmbeddingStart, tower.EmbeddingStart + tower.EmbeddingWidth))];

    FineTuning Tuning(int epochs) => new(cancellation) { Epochs = epochs, Precision = Precision };

    IReadOnlyList<TestNoise> AgNoises(params IReadOnlyList<int> percents) => [.. Noises(percents), .. data.Misspellings("norvig_pairs") is { } list ? (TestNoise[])[TestNoise.Misspelt(list)] : []];

    /// <summary>One after the other, each only when the one before it has been told.</summary>
    static IEnumerable<Measured> InTurn(params IReadOnlyList<IEnumerable<Measured>> parts) => parts.SelectMany(part => part);

    static IReadOnlyList<TestNoise> Noises(params IReadOnlyList<int> percents) => [TestNoise.None, .. percents.Select(TestNoise.Typos)];
}
