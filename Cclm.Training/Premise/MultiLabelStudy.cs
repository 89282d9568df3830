using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>How well texts with any number of labels are told: a linear classifier for each label, and one score above which all of them are told.</summary>
/// <param name="name">The data set.</param>
/// <param name="train">What is learned.</param>
/// <param name="dev">What chooses, for each measure, how much is regularised and the score above which a label is told.</param>
/// <param name="test">What is asked.</param>
/// <param name="noises">What is done to the texts asked.</param>
public sealed class MultiLabelStudy(string name, IReadOnlyList<MultiLabelledText> train, IReadOnlyList<MultiLabelledText> dev, IReadOnlyList<MultiLabelledText> test, IReadOnlyList<TestNoise> noises)
{
    static readonly (string Name, Func<Confusion, double> Of)[] Measures = [("macro F1", told => told.MacroF1), ("micro F1", told => told.MicroF1)];

    static readonly float[] Thresholds = [.. Enumerable.Range(-20, 41).Select(step => step / 20f)];       // of scores that training wants below -1 or above 1

    readonly string[] labels = [.. train.Concat(dev).Concat(test).SelectMany(row => row.Labels).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Measures one way to represent texts.</summary>
    public IEnumerable<Measured> Measure(Represented model)
    {
        string[] texts = [.. Texts(train)];
        model.Fit(texts);
        var features = model.Of(texts);
        var (learned, held, asked) = (Has(train), Has(dev), Has(test));
        int[] rows = [.. Enumerable.Range(0, train.Count)];
        var known = model.Of([.. Texts(dev)]);
        var fitted = LinearClassifier.Penalties.Select(penalty => LinearClassifier.Fit(features, rows, (row, label) => learned[row][label], labels.Length, penalty))
            .Select(classifier => (Classifier: classifier, Scores: Scores(classifier, known))).ToList();
        var chosen = Measures.Select(measure => (measure, Best: (from each in fitted from threshold in Thresholds select (each.Classifier, Threshold: threshold, F1: measure.Of(Told(each.Scores, held, threshold, Every(dev))))).MaxBy(each => each.F1))).ToList();
        foreach (var noise in noises)
        {
            var noisy = model.Of(noise.Of(Texts(test)));
            foreach (var (measure, best) in chosen)
            {
                var scores = Scores(best.Classifier, noisy);
                double F1(IEnumerable<int> items) => measure.Of(Told(scores, asked, best.Threshold, items));
                var (low, high) = Bootstrap.Interval(test.Count, F1);
                yield return new($"{name}, all {train.Count:N0} texts", noise.Name, model.Name, measure.Name, [F1(Every(test))], low, high, test.Count);
            }
        }
    }

    static IEnumerable<string> Texts(IEnumerable<MultiLabelledText> rows) => rows.Select(row => row.Text);

    static IEnumerable<int> Every(IReadOnlyCollection<MultiLabelledText> rows) => Enumerable.Range(0, rows.Count);

    /// <summary>[N][K]: which labels each row has.</summary>
    bool[][] Has(IEnumerable<MultiLabelledText> rows) => [.. rows.Select(row => (bool[])[.. labels.Select(label => row.Labels.Contains(label))])];

    /// <summary>[N][K]</summary>
    static float[][] Scores(LinearClassifier classifier, Features features) => [.. Enumerable.Range(0, features.Rows).AsParallel().AsOrdered().Select(row => classifier.Scores(features, row))];

    Confusion Told(float[][] scores, bool[][] has, float threshold, IEnumerable<int> rows)
    {
        var confusion = new Confusion(labels.Length);
        foreach (var row in rows)
        {
            for (var label = 0; label < labels.Length; label++)
            {
                confusion.Add(label, scores[row][label] > threshold, has[row][label]);
            }
        }
        return confusion;
    }
}
