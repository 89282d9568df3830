using BenchmarkDotNet.Attributes;
using Cclm.Inference;

namespace Cclm.Benchmarks;

/// <summary>Text to ids.</summary>
public class EncodePiece
{
    readonly long[] ids = new long[ReferenceModel.Length];
    Preprocessor preprocessor = null!;
    string[] texts = [];

    /// <summary>Learns the alphabet.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        texts = PieceTexts.Full(32);
        preprocessor = new(Vocabulary.Fit(texts), new() { MaxLength = ReferenceModel.Length });
    }

    /// <summary>A text of 255 characters, into memory of the caller's.</summary>
    [Benchmark]
    public int OneIntoSpan() => preprocessor.Encode(texts[0], ids);

    /// <summary>32 of them, as a batch.</summary>
    [Benchmark]
    public EncodedBatch BatchOf32() => preprocessor.Encode(texts);
}
