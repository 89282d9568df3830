namespace Cclm.Inference;

/// <summary>Texts as ids, padded to one length.</summary>
/// <param name="Ids">[B,T], row by row; <see cref="Vocabulary.Padding"/> after a row's own length.</param>
/// <param name="Rows">B, the number of texts.</param>
/// <param name="Length">T, the longest own length, and at least the downsample factor.</param>
public sealed record EncodedBatch(long[] Ids, int Rows, int Length);
