namespace Cclm.Inference;

/// <summary>A text that waits to be run with others.</summary>
sealed class PendingText
{
    public PendingText(PendingCall call, int index, string text, int length)
    {
        (Call, Index, Text, Length) = (call, index, text, length);
        (ByAge, ByLength) = (new(this), new(this));
    }

    public PendingCall Call { get; }

    /// <summary>Its place among the call's texts.</summary>
    public int Index { get; }

    public string Text { get; }

    /// <summary>Its own length.</summary>
    public int Length { get; }

    /// <summary>Its place among all that wait.</summary>
    public LinkedListNode<PendingText> ByAge { get; }

    /// <summary>Its place among those of its length.</summary>
    public LinkedListNode<PendingText> ByLength { get; }
}
