using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>How well labels are told, by the number of labels and by noise.</summary>
/// <param name="name">The data set.</param>
/// <param name="pool">What labels are drawn from; all of its texts may be read without labels.</param>
/// <param name="test">What is asked.</param>
/// <param name="noises">What is done to the texts asked.</param>
/// <param name="seeds">Draws.</param>
public sealed class ClassificationStudy(string name, IReadOnlyList<LabelledText> pool, IReadOnlyList<LabelledText> test, IReadOnlyList<TestNoise> noises, int seeds)
{
    readonly string[] classes = [.. pool.Concat(test).Select(row => row.Label).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Measures one way to represent texts.</summary>
    /// <param name="model">The way.</param>
    /// <param name="labels">Labels a class; 0 for all there are.</param>
    /// <param name="noisy">Noise in a second copy of every text that is learned from; null for none.</param>
    public IEnumerable<Measured> Measure(Represented model, IReadOnlyList<int> labels, Augmentor? noisy = null)
    {
        string[] texts = [.. pool.Select(row => row.Text)];
        model.Fit(texts);
        string[] learned = [.. texts, .. noisy is null ? [] : texts.Select((text, i) => noisy(text, new Random(i)))];
        var features = model.Of(learned);
        int[] targets = [.. Enumerable.Range(0, learned.Length).Select(i => Class(pool[i % pool.Count]))];
        var trained = labels.ToDictionary(count => count, count => Enumerable.Range(0, count == 0 ? 1 : seeds)
            .Select(seed => LinearClassifier.Train(features, [.. Draw(count, seed).SelectMany(row => noisy is null ? (int[])[row] : [row, row + pool.Count])], targets, classes.Length, noisy is null ? 1 : 2)).ToList());
        foreach (var noise in noises)
        {
            var asked = model.Of(noise.Of(test.Select(row => row.Text)));
            foreach (var (count, classifiers) in trained)
            {
                yield return Measured.Of(StudyOf(count), noise.Name, model.Name, "accuracy", [.. classifiers.Select(classifier => Right(row => classifier.Classify(asked, row)))]);
            }
        }
    }

    /// <summary>Measures a model that is trained on labelled texts and then tells the labels of others.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="labels">Labels a class; 0 for all there are.</param>
    /// <param name="train">From labelled texts and a seed to what tells the labels of texts.</param>
    public IEnumerable<Measured> Measure(string model, IReadOnlyList<int> labels, Func<IReadOnlyList<LabelledText>, int, Func<IReadOnlyList<string>, IReadOnlyList<string>>> train)
    {
        foreach (var count in labels)
        {
            var scores = noises.ToDictionary(noise => noise.Name, _ => new List<double[]>());
            for (var seed = 0; seed < (count == 0 ? 1 : seeds); seed++)
            {
                var classify = train([.. Draw(count, seed).Select(row => pool[row])], seed);
                foreach (var noise in noises)
                {
                    var told = classify(noise.Of(test.Select(row => row.Text)));
                    scores[noise.Name].Add([.. test.Select((row, i) => row.Label == told[i] ? 1.0 : 0)]);
                }
            }
            foreach (var (noise, seen) in scores)
            {
                yield return Measured.Of(StudyOf(count), noise, model, "accuracy", seen);
            }
        }
    }

    /// <summary>What a study of so many labels is called.</summary>
    /// <param name="name">The data set.</param>
    /// <param name="pool">What labels are drawn from.</param>
    /// <param name="count">Labels a class; 0 for all there are.</param>
    public static string NameOf(string name, IReadOnlyList<LabelledText> pool, int count) => count == 0 ? $"{name}, all {pool.Count:N0} labels" : $"{name}, {count:N0} labels a class";

    string StudyOf(int count) => NameOf(name, pool, count);

    int Class(LabelledText row) => Array.IndexOf(classes, row.Label);

    double[] Right(Func<int, int> classify) => [.. test.AsParallel().AsOrdered().Select((row, i) => classify(i) == Class(row) ? 1.0 : 0)];

    int[] Draw(int count, int seed) => Draw(pool, count, seed);

    /// <summary>Rows of a pool, so many of each class; 0 for all.</summary>
    public static int[] Draw(IReadOnlyList<LabelledText> pool, int count, int seed)
    {
        int[] order = [.. Enumerable.Range(0, pool.Count)];
        new Random(seed).Shuffle(order);
        return count == 0 ? order : [.. order.GroupBy(row => pool[row].Label).SelectMany(rows => rows.Take(count))];
    }
}
