using Cclm.Inference;
using NUnit.Framework;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Inference;

public class CclmModelTests
{
    const float Tolerance = 1e-5f;

    static readonly string[] Texts = ["ab", "", "hgfedcba", "a", "zzz", "ab", "a😀\0\uD83D", new('c', 300), new('d', 700), "é"];

    static IEnumerable<TinyModel> Models() =>
        from readsText in (bool[])[false, true]
        from options in (PreprocessorOptions[])[
            new(), new() { MaxLength = 10, DownsampleFactor = 3 },
            new() { AddCls = false }, new() { AddCls = false, MaxLength = 7, DownsampleFactor = 2 }]
        select new TinyModel { ReadsText = readsText, Options = options, Characters = "abcdefgh😀\0\uFFFD" };

    [TestCaseSource(nameof(Models))]
    public void EveryTextHasItsVectorInItsPlace(TinyModel tiny)
    {
        using var model = tiny.Load();

        var vectors = model.Embed(Texts);

        Assert.That(vectors, Has.Length.EqualTo(Texts.Length));
        for (var i = 0; i < Texts.Length; i++)
        {
            Assert.That(vectors[i], Is.EqualTo(tiny.Embedding(Texts[i])).Within(Tolerance), $"text {i}");
            Assert.That(model.Embed(Texts[i]), Is.EqualTo(vectors[i]).Within(Tolerance), $"text {i} alone");
        }
    }

    [TestCaseSource(nameof(Models))]
    public void EveryPositionOfATextsOwnLengthHasAVector(TinyModel tiny)
    {
        using var model = tiny.Load();

        foreach (var text in Texts)
        {
            var positions = model.EmbedPositions(text);

            var length = tiny.Preprocessor.Length(text);
            Assert.That((positions.GetLength(0), positions.GetLength(1)), Is.EqualTo((length, TinyModel.Width)));
            Assert.That(positions.Cast<float>(), Is.EqualTo(tiny.Hidden(text).Take(length * TinyModel.Width)).Within(Tolerance));
        }
    }

    [Test]
    public void ATowerIsItsSliceOfTheWhole()
    {
        using var model = new TinyModel().Load();

        Assert.That(model.Towers, Is.EqualTo((TowerSlice[])[new("left", 0, 2, 3, 2), new("right", 2, 3, 0, 3)]));
        Assert.That(model.Embed("cab", "left"), Is.EqualTo(model.Embed("cab")[3..]));
        Assert.That(model.Embed(["b", "cab"], "right")[1], Is.EqualTo(model.Embed("cab")[..3]));
        var (whole, left, right) = (model.EmbedPositions("cab"), model.EmbedPositions("cab", "left"), model.EmbedPositions("cab", "right"));
        for (var t = 0; t < 4; t++)
        {
            float[] joined = [left[t, 0], left[t, 1], right[t, 0], right[t, 1], right[t, 2]];
            Assert.That(joined, Is.EqualTo(Enumerable.Range(0, 5).Select(c => whole[t, c])));
        }
    }

    [Test]
    public void ATowerThatIsNotThereIsAnErrorThatNamesThoseThatAre()
    {
        using var model = new TinyModel().Load();

        foreach (var ask in (Action[])[() => model.Embed("a", "middle"), () => model.EmbedPositions("a", "middle"), () => model.Tower("middle")])
        {
            Assert.That(ask, Throws.ArgumentException.With.Message.Contains("no tower 'middle'").And.Message.Contains("'left', 'right'"));
        }
    }

    [Test]
    public void AModelSaysWhatItIs()
    {
        using var model = new TinyModel().Load(new() { Provider = ExecutionProvider.Cpu });

        Assert.That((model.Dimensions, model.HiddenWidth, model.Provider), Is.EqualTo((5, 5, ExecutionProvider.Cpu)));
        Assert.That(model.Preprocessor.ToJson(), Is.EqualTo(new TinyModel().Preprocessor.ToJson()));
        Assert.That(model.Weights, Has.Length.EqualTo(64));
    }

    [Test]
    public void AModelWithoutAPooledOutputSaysSo()
    {
        using var model = new TinyModel { Pooled = false }.Load();

        Assert.That(model.Dimensions, Is.Zero);
        Assert.That(model.EmbedPositions("ab", "right").GetLength(1), Is.EqualTo(3));
        foreach (var ask in (Action[])[() => model.Embed("ab"), () => model.AsEmbeddingGenerator()])
        {
            Assert.That(ask, Throws.TypeOf<CclmModelException>()
                .With.Message.Contains("no 'embedding' output").And.Message.Contains("Compose it with pooling"));
        }
    }

    [Test]
    public void PoolingThatMixesTheTowersLeavesThemNoSliceOfTheVector()
    {
        const string slice = ""","embedding":{"start":3,"width":2}""";
        using var model = new TinyModel
        {
            Edit = metadata => metadata["cclm.parts"] = metadata["cclm.parts"].Replace(slice, "", StringComparison.Ordinal),
        }.Load();

        Assert.That(
            () => model.Embed("a", "left"),
            Throws.TypeOf<CclmModelException>().With.Message.Contains("'left' has no part").And.Message.Contains("EmbedPositions"));
        Assert.That(model.Embed("a", "right"), Has.Length.EqualTo(3));
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(64)]
    [TestCase(16_384)]
    public void BatchesAreBoundedByTheirPaddedCharacters(int budget)
    {
        // The vector says what batch the text was in: B rows of T ids.
        var tiny = new TinyModel
        {
            Pool = (graph, ids) =>
            {
                var sizes = graph.Op("Gather", [graph.Op("Shape", [ids]), graph.Constant(0, 1, 0, 0, 0)]);
                var shape = graph.Op("Concat", [graph.Op("Shape", [ids], ("start", 0), ("end", 1)), graph.Constant(5)], ("axis", 0));
                return graph.Op("Expand", [graph.Op("Cast", [sizes], ("to", DataType.Float)), shape]);
            },
        };
        using var model = tiny.Load(new() { BatchCharacters = budget, Threads = 3, ThreadsPerRun = 1 + (budget % 2) });
        var random = new Random(3);
        string[] texts = [.. Enumerable.Range(0, 100).Select(_ => new string('a', random.Next(30)))];

        var batches = model.Embed(texts).Zip(texts, (vector, text) => (Rows: (int)vector[0], Length: (int)vector[1], Own: text.Length + 1)).ToArray();

        Assert.That(batches, Has.All.Matches<(int Rows, int Length, int Own)>(batch => batch.Rows == 1 || batch.Rows * batch.Length <= budget));
        Assert.That(batches, Has.All.Matches<(int Rows, int Length, int Own)>(batch => batch.Own <= batch.Length));
        var count = batches.Sum(batch => 1f / batch.Rows);
        Assert.That(count, Is.EqualTo(MathF.Round(count)).Within(1e-3), "every row of a batch says the same of it");
        Assert.That(batches.Max(batch => batch.Rows), budget > 30 ? Is.GreaterThan(1) : Is.LessThanOrEqualTo(budget));
    }

    [Test]
    public void NoTextsHaveNoVectors()
    {
        using var model = new TinyModel().Load();

        Assert.That(model.Embed([]), Is.Empty);
    }

    [Test]
    public void ANullAmongTheTextsIsAnErrorThatSaysWhere()
    {
        using var model = new TinyModel().Load();

        Assert.That(() => model.Embed(["a", "b", null!]), Throws.ArgumentException.With.Message.Contains("Text 2 is null"));
    }
}
