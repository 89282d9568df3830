using Cclm.Inference;

namespace Cclm.Training.Data;

/// <summary>A text and the class it belongs to.</summary>
public sealed record LabelledText(string Label, string Text);

/// <summary>A text and all the classes it belongs to; there may be none.</summary>
public sealed record MultiLabelledText(IReadOnlyList<string> Labels, string Text);

/// <summary>Two texts that belong together.</summary>
/// <param name="First">The first text.</param>
/// <param name="Second">The second text.</param>
/// <param name="Label">What is said of them, such as a score, where a label column was named.</param>
public sealed record TextPair(string First, string Second, string? Label = null)
{
    /// <summary>All that tells the row from others: both texts, or the one that both are.</summary>
    public string Text => First == Second ? First : $"{First}\n{Second}";

    /// <summary>A text that does not belong to the first, though it might seem to.</summary>
    public string? Negative { get; init; }
}

/// <summary>A sentence in words, each with its tag.</summary>
/// <param name="Words">The words, one or more.</param>
/// <param name="Tags">As many tags.</param>
public sealed record TaggedSentence(IReadOnlyList<string> Words, IReadOnlyList<string> Tags)
{
    /// <summary>The words with one space between them.</summary>
    public string Text => WordLayout.Text(Words);

    /// <summary>The words, each with its tag.</summary>
    public override string ToString() => string.Join(' ', Words.Zip(Tags, (word, tag) => $"{word}/{tag}"));
}
