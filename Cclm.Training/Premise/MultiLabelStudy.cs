using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>How well texts with any number of labels are told: a linear classifier for each label, and for each measure one score above which all of them are told.</summary>
/// <param name="name">The data set.</param>
/// <param name="train">What is learned.</param>
/// <param name="dev">What chooses, for each measure, how much is regularised and the score above which a label is told.</param>
/// <param name="test">What is asked.</param>
/// <param name="noises">What is done to the texts asked.</param>
public sealed class MultiLabelStudy(string name, IReadOnlyList<MultiLabelledText> train, IReadOnlyList<MultiLabelledText> dev, IReadOnlyList<MultiLabelledText> test, IReadOnlyList<TestNoise> noises)
{
    static readonly (string Name, Func<Confusion, double> Of)[] Measures = [("macro F1", told => told.MacroF1), ("micro F1", told => told.MicroF1)];

    /// <summary>Of scores that training wants below -1 or above 1; of those that are as good, the one in the middle.</summary>
    static readonly float[] Thresholds = [.. Enumerable.Range(-20, 41).Select(step => step / 20f).OrderBy(Math.Abs)];

    readonly string[] labels = [.. train.Concat(dev).Concat(test).SelectMany(row => row.Labels).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Measures one way to represent texts.</summary>
    public IEnumerable<Measured> Measure(Represented model)
    {
        string[] texts = [.. Texts(train)];
        model.Fit(texts);
        var (features, known) = (model.Of(texts), model.Of([.. Texts(dev)]));
        var (learned, expected) = (Has(train), Has(test));
        List<LinearClassifier> fitted = [.. LinearClassifier.Penalties.Select(penalty => LinearClassifier.Fit(features, Every(train), (row, label) => learned[row][label], labels.Length, penalty))];
        var rules = Best(fitted, known);
        foreach (var noise in noises)
        {
            var asked = model.Of(noise.Of(Texts(test)));
            var scores = rules.Select(rule => rule.Classifier).Distinct().ToDictionary(classifier => classifier, classifier => Scores(classifier, asked));
            foreach (var (measure, rule) in Measures.Zip(rules))
            {
                double F1(IReadOnlyList<int> rows) => measure.Of(Told(scores[rule.Classifier], expected, rule.Threshold, rows));
                var (low, high) = Bootstrap.Interval(test.Count, F1);
                yield return new($"{name}, all {train.Count:N0} texts", noise.Name, model.Name, measure.Name, [F1(Every(test))], low, high, test.Count);
            }
        }
    }

    /// <summary>For each measure, what tells the labels of <c>dev</c> best.</summary>
    List<Rule> Best(List<LinearClassifier> classifiers, Features known)
    {
        var expected = Has(dev);
        List<(Rule Rule, Confusion Told)> tried = [];
        foreach (var classifier in classifiers)
        {
            var scores = Scores(classifier, known);
            tried.AddRange(Thresholds.Select(threshold => (new Rule(classifier, threshold), Told(scores, expected, threshold, Every(dev)))));
        }
        return [.. Measures.Select(measure => tried.MaxBy(each => measure.Of(each.Told)).Rule)];
    }

    static IEnumerable<string> Texts(IEnumerable<MultiLabelledText> rows) => rows.Select(row => row.Text);

    static int[] Every(IReadOnlyCollection<MultiLabelledText> rows) => [.. Enumerable.Range(0, rows.Count)];

    /// <summary>[N][K]: which labels each row has.</summary>
    bool[][] Has(IEnumerable<MultiLabelledText> rows) => [.. rows.Select(row => (bool[])[.. labels.Select(label => row.Labels.Contains(label))])];

    /// <summary>[N][K]</summary>
    static float[][] Scores(LinearClassifier classifier, Features features) => [.. Enumerable.Range(0, features.Rows).AsParallel().AsOrdered().Select(row => classifier.Scores(features, row))];

    Confusion Told(float[][] scores, bool[][] expected, float threshold, IEnumerable<int> rows)
    {
        var confusion = new Confusion(labels.Length);
        foreach (var row in rows)
        {
            for (var label = 0; label < labels.Length; label++)
            {
                confusion.Add(label, scores[row][label] > threshold, expected[row][label]);
            }
        }
        return confusion;
    }

    sealed record Rule(LinearClassifier Classifier, float Threshold);
}
