namespace Cclm.Training.Data;

/// <summary>A text and the class it belongs to.</summary>
public sealed record LabelledText(string Label, string Text);

/// <summary>Two texts that belong together.</summary>
/// <param name="First">The first text.</param>
/// <param name="Second">The second text.</param>
/// <param name="Label">What is said of them, such as a score, where a label column was named.</param>
public sealed record TextPair(string First, string Second, string? Label = null);

/// <summary>A sentence in words, each with its tag.</summary>
/// <param name="Words">The words, one or more.</param>
/// <param name="Tags">As many tags.</param>
public sealed record TaggedSentence(IReadOnlyList<string> Words, IReadOnlyList<string> Tags)
{
    /// <summary>The words with one space between them.</summary>
    public string Text => string.Join(' ', Words);

    /// <summary>The words, each with its tag.</summary>
    public override string ToString() => string.Join(' ', Words.Zip(Tags, (word, tag) => $"{word}/{tag}"));
}
