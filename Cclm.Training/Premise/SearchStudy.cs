using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>Whether a member of the .NET API is found by its name in words among the summaries of all.</summary>
public sealed class SearchStudy
{
    const int Most = 2_000;             // queries
    const int Typos = 40;               // percent of the words

    readonly string[] documents, queries;
    readonly HashSet<int>[] wanted;

    /// <param name="members">All members; those that are asked for are the test's of <see cref="EvaluationData.Api"/>.</param>
    public SearchStudy(IReadOnlyList<ApiMember> members)
    {
        documents = [.. members.Select(member => member.Summary).Distinct()];
        var places = documents.Index().ToDictionary(document => document.Item, document => document.Index);
        var asked = EvaluationData.Api(members).Test.GroupBy(member => EvaluationData.InWords(member.Name)).OrderBy(name => TextHash.Of(name.Key)).Take(Most).ToList();
        queries = [.. asked.Select(name => name.Key)];
        wanted = [.. asked.Select(name => name.Select(member => places[member.Summary]).ToHashSet())];
    }

    /// <summary>Measures a search.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="index">From documents to what scores each of them for a query.</param>
    public IEnumerable<Measured> Measure(string model, Func<IReadOnlyList<string>, Func<IReadOnlyList<string>, Func<int, float[]>>> index)
    {
        var search = index(documents);
        foreach (var noise in (TestNoise[])[TestNoise.None, TestNoise.Typos(Typos)])
        {
            var scored = search(noise.Of(queries));
            int[] ranks = [.. Enumerable.Range(0, queries.Length).AsParallel().AsOrdered().Select(query => Rank(scored(query), wanted[query]))];
            yield return Measured.Of(Study, noise.Name, model, "recall@1", [[.. ranks.Select(rank => rank < 1 ? 1.0 : 0)]]);
            yield return Measured.Of(Study, noise.Name, model, "recall@10", [[.. ranks.Select(rank => rank < 10 ? 1.0 : 0)]]);
            yield return Measured.Of(Study, noise.Name, model, "MRR", [[.. ranks.Select(rank => 1.0 / (rank + 1))]]);
        }
    }

    /// <summary>Search by the cosine of vectors.</summary>
    public IEnumerable<Measured> Measure(Represented model) => Measure(model.Name, texts =>
    {
        model.Fit(texts);
        var found = model.Of(texts);
        return asked =>
        {
            var questions = model.Of(asked);
            return query =>
            {
                var vector = new float[found.Width];
                questions.AddTo(query, 1, vector);
                return [.. Enumerable.Range(0, found.Rows).Select(document => found.Dot(document, vector))];
            };
        };
    });

    string Study => $".NET API search, {queries.Length:N0} names among {documents.Length:N0} summaries";

    /// <summary>How many documents that are not wanted come before the first that is, of equal ones half.</summary>
    static int Rank(float[] scores, HashSet<int> wanted)
    {
        var best = wanted.Max(document => scores[document]);
        var (before, equal) = (0, 0);
        for (var document = 0; document < scores.Length; document++)
        {
            before += scores[document] > best ? 1 : 0;
            equal += scores[document] == best && !wanted.Contains(document) ? 1 : 0;
        }
        return before + ((equal + 1) / 2);
    }
}
