namespace Cclm.Inference;

/// <summary>What becomes of a text that is longer than the model reads.</summary>
public enum LongText
{
    /// <summary>Its first characters are read.</summary>
    Truncate,

    /// <summary>It is an error (<see cref="ArgumentException"/>).</summary>
    Error,

    /// <summary>It is read in pieces that overlap (<see cref="CclmModelOptions.ChunkOverlap"/>); its vector is their mean by the characters of each, of length 1 where theirs are.</summary>
    /// <remarks>Tags are those of the whole text: each character's scores are those of one piece, and its words are decoded together.</remarks>
    Chunk,
}
