namespace Cclm.Inference;

/// <summary>How tags tell where the spans of a sentence begin and end. A word in no span is O in all of them.</summary>
public enum TagScheme
{
    /// <summary>BIOES where a tag begins with E- or S-, else BIO.</summary>
    Auto,

    /// <summary>B- begins a span and I- goes on with it (also IOB2; CoNLL 2002 and most data since).</summary>
    Bio,

    /// <summary>B- begins a span, I- goes on with it, E- ends it; S- is a span of one word (also IOBES).</summary>
    Bioes,

    /// <summary>I- begins a span and goes on with it; B- begins one right after another of its type (CoNLL 2003 as published). It is learned and answered as BIO.</summary>
    Iob1,
}
