namespace Cclm.Inference;

public sealed partial class CclmModel
{
    /// <summary>The parts of a text that a head tells, such as names, in order.</summary>
    /// <inheritdoc cref="Tag(IReadOnlyList{string}, string?, CancellationToken)"/>
    public IReadOnlyList<TaggedSpan> Tag(string text, string? head = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Tag([text], head, cancellationToken)[0];
    }

    /// <summary>The parts of texts that a head tells, such as names; of each text in order.</summary>
    /// <remarks>
    /// A text is read as the corpora of tags are: its words with one space between them. Runs of letters, digits and marks are words, and so
    /// is each other character that is no white space. An apostrophe inside a run belongs to it, but 's at its end is a word. Where a corpus
    /// has other words, split the texts as it does and use <see cref="TagWords(IReadOnlyList{IReadOnlyList{string}}, string?, CancellationToken)"/>.
    /// </remarks>
    /// <param name="texts">The texts; empty ones have no such part.</param>
    /// <param name="head">The head that answers; null where the model has one that tags words.</param>
    /// <param name="cancellationToken">Stops between batches, and within one.</param>
    /// <returns>For each text its spans, whose places are those in the text as it was given; they do not overlap.</returns>
    /// <inheritdoc cref="TagWords(IReadOnlyList{IReadOnlyList{string}}, string?, CancellationToken)" path="/exception"/>
    public IReadOnlyList<TaggedSpan>[] Tag(IReadOnlyList<string> texts, string? head = null, CancellationToken cancellationToken = default)
    {
        var split = Split(texts);
        return Spans(split, TagWords(WordsOf(split), head, cancellationToken));
    }

    /// <summary>A tag for each word of a sentence.</summary>
    /// <inheritdoc cref="TagWords(IReadOnlyList{IReadOnlyList{string}}, string?, CancellationToken)"/>
    public TaggedWords TagWords(IReadOnlyList<string> words, string? head = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        return TagWords([words], head, cancellationToken)[0];
    }

    /// <summary>A tag for each word of sentences that are split already.</summary>
    /// <remarks>
    /// Of a sentence that is longer than the model reads, as <see cref="CclmModelOptions.LongText"/> says: the words beyond are O; or it is an error;
    /// or its characters are read in pieces, and the words of all pieces are decoded together, so that a span may reach from one into the next.
    /// </remarks>
    /// <param name="sentences">Sentences of words.</param>
    /// <param name="head">The head that answers; null where the model has one that tags words.</param>
    /// <param name="cancellationToken">Stops between batches, and within one.</param>
    /// <exception cref="CclmModelException">The model has no head, or several, that tag words, or its numbers are not finite.</exception>
    /// <exception cref="ArgumentException">
    /// No such head tags words, a text or word is null, a word is empty, or a sentence is too long where <see cref="CclmModelOptions.LongText"/> forbids that.
    /// </exception>
    public TaggedWords[] TagWords(IReadOnlyList<IReadOnlyList<string>> sentences, string? head = null, CancellationToken cancellationToken = default)
    {
        var answers = Ask(TextsOf(sentences), contract => Readings.Tags(contract, head), cancellationToken);
        return Decode(sentences, answers);
    }

    /// <summary>The parts of a text that a head tells, run in a batch with the texts of other callers.</summary>
    /// <inheritdoc cref="TagAsync(IReadOnlyList{string}, string?, CancellationToken)"/>
    public async Task<IReadOnlyList<TaggedSpan>> TagAsync(string text, string? head = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return (await TagAsync([text], head, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>The parts of texts that a head tells, such as names, run in batches with the texts of other callers.</summary>
    /// <param name="texts">The texts; empty ones have no such part.</param>
    /// <param name="head">The head that answers; null where the model has one that tags words.</param>
    /// <param name="cancellationToken">Takes those texts back that do not run yet.</param>
    /// <exception cref="CclmQueueFullException">Too much waits already.</exception>
    /// <exception cref="TimeoutException">A text waited for longer than <see cref="CclmModelOptions.QueueTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <inheritdoc cref="Tag(IReadOnlyList{string}, string?, CancellationToken)"/>
    public async Task<IReadOnlyList<TaggedSpan>[]> TagAsync(IReadOnlyList<string> texts, string? head = null, CancellationToken cancellationToken = default)
    {
        var split = Split(texts);
        return Spans(split, await TagWordsAsync(WordsOf(split), head, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A tag for each word of a sentence, run in a batch with those of other callers.</summary>
    /// <inheritdoc cref="TagWordsAsync(IReadOnlyList{IReadOnlyList{string}}, string?, CancellationToken)"/>
    public async Task<TaggedWords> TagWordsAsync(IReadOnlyList<string> words, string? head = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        return (await TagWordsAsync([words], head, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>A tag for each word of sentences that are split already, run in batches with those of other callers.</summary>
    /// <param name="sentences">Sentences of words.</param>
    /// <param name="head">The head that answers; null where the model has one that tags words.</param>
    /// <param name="cancellationToken">Takes those sentences back that do not run yet.</param>
    /// <exception cref="CclmQueueFullException">Too much waits already.</exception>
    /// <exception cref="TimeoutException">A sentence waited for longer than <see cref="CclmModelOptions.QueueTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <inheritdoc cref="TagWords(IReadOnlyList{IReadOnlyList{string}}, string?, CancellationToken)"/>
    public async Task<TaggedWords[]> TagWordsAsync(IReadOnlyList<IReadOnlyList<string>> sentences, string? head = null, CancellationToken cancellationToken = default)
    {
        var answers = await AskAsync(TextsOf(sentences), contract => Readings.Tags(contract, head), cancellationToken).ConfigureAwait(false);
        return Decode(sentences, answers);
    }

    static TextWords[] Split(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select((_, i) => new TextWords(TextPieces.Given(texts, i)))];
    }

    static IReadOnlyList<string>[] WordsOf(TextWords[] texts) => [.. texts.Select(text => text.Words)];

    static IReadOnlyList<TaggedSpan>[] Spans(TextWords[] texts, TaggedWords[] tagged) => [.. texts.Zip(tagged, (text, words) => text.SpansOf(words))];

    static string[] TextsOf(IReadOnlyList<IReadOnlyList<string>> sentences)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        return [.. sentences.Select(TextOf)];
    }

    static string TextOf(IReadOnlyList<string> words, int sentence)
    {
        _ = words ?? throw new ArgumentException($"Sentence {sentence} is null. Give an empty list, or leave it out.", nameof(words));
        for (var i = 0; i < words.Count; i++)
        {
            if (string.IsNullOrEmpty(words[i]))
            {
                throw new ArgumentException($"Word {i} of sentence {sentence} is {(words[i] is null ? "null" : "empty")}. Leave it out.", nameof(words));
            }
        }
        return WordLayout.Text(words);
    }

    static TaggedWords[] Decode(IReadOnlyList<IReadOnlyList<string>> sentences, CharacterLogits[] answers) => [.. sentences.Zip(answers, (words, answer) => answer.Decode(words))];
}
