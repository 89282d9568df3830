using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training.Distillation;

/// <summary>Vectors made of a corpus itself, each step against the plain way to do it.</summary>
[Parallelizable]
public sealed class WordVectorTests : TorchFixture
{
    static readonly WordVectorOptions Small = new() { Width = 4, Window = 3, MinCount = 2, CommonDirections = 1, FrequentShare = 1 };

    [Test]
    public void PairsWithinTheWindowAreCounted()
    {
        var (words, window, random) = (7, 3, new Random(2));
        var company = new CoOccurrences(words, window);
        var counts = new double[words, words];
        for (var text = 0; text < 20; text++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(words))];
            company.Add(ids);
            for (var i = 0; i < ids.Length; i++)
            {
                for (var j = 0; j < ids.Length; j++)
                {
                    counts[ids[i], ids[j]] += i != j && Math.Abs(i - j) <= window ? 1 : 0;
                }
            }
        }
        var sums = Enumerable.Range(0, words).Select(row => Enumerable.Range(0, words).Sum(column => counts[row, column])).ToArray();
        var total = sums.Sum(sum => Math.Pow(sum, 0.75));
        var (matrix, identity) = (company.MutualInformation(), new float[words * words]);
        for (var i = 0; i < words; i++)
        {
            identity[(i * words) + i] = 1;
        }
        float[] expected = [.. from row in Enumerable.Range(0, words) from column in Enumerable.Range(0, words) select (float)Math.Max(0, Math.Log(counts[row, column] / sums[row] / (Math.Pow(sums[column], 0.75) / total)))];
        Assert.That(matrix.Times(identity, words), Is.EqualTo(expected).Within(1e-5));
        Assert.That(matrix.TransposedTimes(identity, words), Is.EqualTo((float[])[.. from row in Enumerable.Range(0, words) from column in Enumerable.Range(0, words) select expected[(column * words) + row]]).Within(1e-5));
    }

    [TestCase(40, 5)]
    [TestCase(13, 13)]
    public void TheLargestSingularValuesAreFound(int size, int dimensions)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var numbers = rand(size, size).mul(rand(size, size).gt(Scalars.Kept(0.7)).to(ScalarType.Float32)).matmul(diag(arange(Scalars.Kept(1), Scalars.Kept(size + 1), Scalars.One).to(ScalarType.Float32).reciprocal()));
        var dense = numbers.data<float>().ToArray();
        var builder = new SparseMatrix.Builder(size);
        Each((row, _, value) => builder.Reserve(row, value));
        builder.Allocate();
        Each(builder.Add);
        var found = TruncatedSvd.Rows(builder.Matrix, dimensions);
        var (u, s, _) = linalg.svd(numbers, fullMatrices: false);
        var expected = u.mul(s.sqrt()).narrow(1, 0, dimensions);
        var vectors = stack([.. found.Select(row => tensor(row))]);
        // Directions have no sign, and those of equal values no order: the products of rows have both.
        Assert.That(vectors.matmul(vectors.t()).sub(expected.matmul(expected.t())).abs().max().item<float>(), Is.LessThan(2e-3));

        void Each(Action<int, int, float> use)
        {
            for (var i = 0; i < dense.Length; i++)
            {
                use(i / size, i % size, dense[i]);
            }
        }
    }

    [Test]
    public void WordsThatKeepTheSameCompanyAreAlike()
    {
        using var teacher = WordVectorTeacher.Fit(Corpus(), Small);
        Assert.That(Cosine("cat", "dog"), Is.GreaterThan(0.9f).And.GreaterThan(Cosine("cat", "car") + 0.5f));
        Assert.That(Cosine("car", "BUS"), Is.GreaterThan(0.9f));
        Assert.That(teacher.VectorOf("xyzzy"), Is.All.Zero);
        Assert.That(teacher.VectorOf("cat eats"), Is.EqualTo(teacher.VectorOf("cat, xyzzy: EATS!")), "What is not known changes nothing.");
        using var again = WordVectorTeacher.Fit(Corpus(), Small);
        Assert.That(again.VectorOf("the cat"), Is.EqualTo(teacher.VectorOf("the cat")));
        Assert.That(again.Description, Is.EqualTo(teacher.Description));
        using var other = WordVectorTeacher.Fit(Corpus().Append("one more, one more"), Small);
        Assert.That(other.Description, Is.Not.EqualTo(teacher.Description));

        float Cosine(string first, string second) => teacher.VectorOf(first).Zip(teacher.VectorOf(second), (x, y) => x * y).Sum();
    }

    [Test]
    public void RareWordsAreDrawnAsOftenAsFrequentOnes()
    {
        using var teacher = WordVectorTeacher.Fit(Corpus().Concat(["rare 7s", "7s rare"]), Small);
        var (random, drawn) = (new Random(5), new Dictionary<string, int>());
        for (var i = 0; i < 3_000; i++)
        {
            var words = teacher.Drawn("The cat, xyzzy: eats", random).Split(' ');
            Assert.That(words, Has.Length.EqualTo(3), "As many as are known.");
            foreach (var word in words)
            {
                drawn[word] = drawn.GetValueOrDefault(word) + 1;
            }
        }
        var even = 9_000.0 / drawn.Count;
        Assert.That(drawn.Keys, Has.Count.EqualTo(21).And.Member("the").And.Member("rare").And.Member("0s"));
        Assert.That(drawn.Values, Is.All.InRange(even - (5 * Math.Sqrt(even)), even + (5 * Math.Sqrt(even))));
        Assert.That(teacher.Drawn("xyzzy", random), Is.EqualTo("xyzzy"));
    }

    [TestCase(0.0, 0)]
    [TestCase(0.4, 400)]
    [TestCase(1.0, 1_000)]
    public void DrawnWordsHaveTheirOwnVectorAndTakeNoPartInEvaluation(double share, int expected)
    {
        const string Text = "the cat eats grass";
        using var teacher = WordVectorTeacher.Fit(Corpus(), Small);
        using var pretrainer = Pretrainer(teacher, share);
        var (random, drawn) = (new Random(6), 0);
        for (var i = 0; i < 1_000; i++)
        {
            var example = pretrainer.Example(Text, random);
            var read = SmallParts.Preprocessor.Decode(example.Ids);
            Assert.That(example.Values, Is.EqualTo(teacher.VectorOf(read)));
            drawn += read == Text ? 0 : 1;
        }
        Assert.That(drawn, Is.EqualTo(expected).Within(80));
        using var plain = Pretrainer(teacher, 0);
        Assert.That(pretrainer.Evaluate(Corpus()[..20]).Loss, Is.EqualTo(plain.Evaluate(Corpus()[..20]).Loss));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void ExcerptsHaveTheirOwnVector(int words)
    {
        const string Text = "the cat eats grass";
        using var teacher = WordVectorTeacher.Fit(Corpus(), Small);
        using var pretrainer = Pretrainer(teacher, 0, words);
        HashSet<string> read = [];
        for (var seed = 0; seed < 300; seed++)
        {
            var example = pretrainer.Example(Text, new(seed));
            read.Add(SmallParts.Preprocessor.Decode(example.Ids));
            Assert.That(example.Values, Is.EqualTo(teacher.VectorOf(SmallParts.Preprocessor.Decode(example.Ids))));
        }
        string[] one = ["the", "cat", "eats", "grass"], more = ["the cat", "cat eats", "eats grass", "the cat eats", "cat eats grass"];
        Assert.That(read, Is.EquivalentTo(words == 1 ? one : [.. one, .. more]));
    }

    [TestCase(-0.1, 0, "from 0 to 1")]
    [TestCase(1.1, 0, "from 0 to 1")]
    [TestCase(double.NaN, 0, "from 0 to 1")]
    [TestCase(0.5, -1, "0 to 1,000,000 words")]
    [TestCase(0, int.MaxValue, "0 to 1,000,000 words")]
    public void ExcerptsHaveTheirRange(double share, int words, string expected)
    {
        using var teacher = WordVectorTeacher.Fit(Corpus(), Small);
        Assert.That(() => Pretrainer(teacher, share, words), Throws.ArgumentException.With.Message.Contains(expected));
    }

    [TestCase(0, 3)]
    [TestCase(0.5, 0)]
    public void AnotherTeacherKnowsNoExcerpts(double share, int words)
    {
        using var teacher = new VectorTable("file", [[1, 2]], ["the cat"]);
        Assert.That(() => Pretrainer(teacher, share, words), Throws.ArgumentException.With.Message.Contains("made of the corpus' words"));
    }

    [Test]
    public void TooLittleTextIsAnError() =>
        Assert.That(() => WordVectorTeacher.Fit(["one text", "and another"], new()), Throws.ArgumentException.With.Message.Contains("Give more text"));

    [TestCase(0, 8, 5)]
    [TestCase(160, 0, 5)]
    [TestCase(160, 8, 0)]
    public void SizesHaveToBeSizes(int width, int window, int minCount) =>
        Assert.That(() => WordVectorTeacher.Fit(Corpus(), new() { Width = width, Window = window, MinCount = minCount }), Throws.ArgumentException);

    static DistillationPretrainer Pretrainer(Teacher teacher, double drawn, int words = 0)
    {
        var embedder = SmallParts.Embedder();
        return new("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), teacher, excerpts: new() { Drawn = drawn, Words = words });
    }

    static string[] Corpus()
    {
        var random = new Random(4);
        string[][] animals = [["cat", "dog", "horse"], ["eats", "sleeps", "drinks"], ["grass", "meat", "milk"]], traffic = [["car", "bus", "lorry"], ["stops", "turns", "brakes"], ["street", "corner", "lights"]];
        return [.. Enumerable.Range(0, 400).Select(i => string.Join(' ', (i % 2 == 0 ? animals : traffic).Select(words => words[random.Next(words.Length)]).Prepend("the")))];
    }
}
