namespace Cclm.Inference;

/// <summary>The tags of a sentence's words.</summary>
/// <param name="Tags">The tag of each word, such as <c>B-PER</c>; <c>O</c> for one in no span. Always a sequence of the head's scheme.</param>
/// <param name="Spans">The spans that they stand for, in order.</param>
public sealed record TaggedWords(IReadOnlyList<string> Tags, IReadOnlyList<WordSpan> Spans);

/// <summary>Words that belong together, such as a name.</summary>
/// <param name="Label">What they are, such as <c>PER</c>.</param>
/// <param name="First">The first of them, counted from 0.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Score">How sure the model is, between 0 and 1: the mean over the words of the probability (softmax over the tags) of the tag that each got.</param>
public readonly record struct WordSpan(string Label, int First, int Count, float Score);

/// <summary>Part of a text, such as a name.</summary>
/// <param name="Label">What it is, such as <c>PER</c>.</param>
/// <param name="Start">Where it begins in the text, in UTF-16 units, as <see cref="string.Substring(int, int)"/> counts.</param>
/// <param name="Length">Its length in UTF-16 units.</param>
/// <param name="Text">The part itself, as it stands in the text.</param>
/// <param name="Score">As of a <see cref="WordSpan"/>: the mean over its words of the probability of the tag that each got.</param>
public readonly record struct TaggedSpan(string Label, int Start, int Length, string Text, float Score);
