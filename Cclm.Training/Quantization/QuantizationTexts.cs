using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>The texts that a converted model is compared on.</summary>
static class QuantizationTexts
{
    /// <summary>How many tell enough: the mean of so many cosines hardly moves.</summary>
    public const int AtMost = 1000;

    const int AllButOne = 999;

    /// <summary>Different texts of a corpus, which ones said by their hashes: chance, but the same in any order of the corpus.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static IReadOnlyList<string> Of(CorpusOptions corpus, int atMost, CancellationToken cancellation)
    {
        var texts = Corpus.HeldOut(Corpus.Open(corpus).Until(cancellation).Read().Select(row => row.Row), text => text, AllButOne, atMost);
        return texts.Count > 0 ? texts : throw new InvalidDataException($"There is no text in {string.Join(", ", corpus.Paths)} to compare the models on. Give files with some that are like those that the model is used on.");
    }
}
