using Cclm.Training.Premise;
using NUnit.Framework;

namespace Cclm.Tests.Premise;

/// <summary>The data sets of an evaluation, of a few rows.</summary>
[Parallelizable]
public sealed class EvaluationDataTests
{
    [Test]
    public void NoAbstractThatIsTestedIsLearnedFrom()
    {
        using var folder = new TempFolder();
        folder.Write("graph_cora/data.txt", string.Concat(Enumerable.Range(0, 31).Select(i => $"abstract {i}\n")));
        folder.Write("graph_cora/group.txt", string.Concat(Enumerable.Range(0, 31).Select(i => $"{i % 3}\n")));
        var data = new EvaluationData(folder.Path);
        var (train, test) = data.Cora;
        string[] learned = [.. TextSource.All(data, [], WordNet.Load(folder["none"])).SelectMany(source => source.Texts)];
        Assert.That((train.Count, test.Count), Is.EqualTo((21, 10)));
        Assert.That(learned, Is.EquivalentTo(train.Select(row => row.Text)).And.None.AnyOf(test.Select(row => row.Text).ToArray()));
    }

    [TestCase("a\n", "0\n1\n", "1 lines and 'group.txt' beside it 2")]
    [TestCase("a\nb\n", "0\n", "2 lines and 'group.txt' beside it 1")]
    public void AbstractsHaveAFieldEach(string texts, string fields, string expected)
    {
        using var folder = new TempFolder();
        folder.Write("graph_cora/data.txt", texts);
        folder.Write("graph_cora/group.txt", fields);
        Assert.That(() => new EvaluationData(folder.Path).Cora, Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }
}
