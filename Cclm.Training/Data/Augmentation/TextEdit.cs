using System.Buffers;

namespace Cclm.Training.Data;

/// <summary>A text that is changed from its beginning to its end. Nothing is copied before the first change.</summary>
ref struct TextEdit(string text)
{
    const int Room = 32;

    char[]? result;         // pooled
    int written;            // result[..written] is the changed text so far
    int read;               // what text[..read] has become

    /// <summary>The text as it was.</summary>
    public readonly ReadOnlySpan<char> Text => text;

    /// <summary>Puts something in the place of <c>Text[begin..end]</c>, which has to lie after all that was replaced before.</summary>
    public void Replace(int begin, int end, scoped ReadOnlySpan<char> by)
    {
        result ??= ArrayPool<char>.Shared.Rent(text.Length + Room);
        Append(text.AsSpan(read, begin - read));
        Append(by);
        read = end;
    }

    /// <summary>The changed text; the very same where nothing was replaced. The edit can not be used after it.</summary>
    public string Finish()
    {
        if (result is null)
        {
            return text;
        }
        Append(text.AsSpan(read));
        var changed = new string(result, 0, written);
        ArrayPool<char>.Shared.Return(result);
        result = null;
        return changed;
    }

    void Append(scoped ReadOnlySpan<char> more)
    {
        if (written + more.Length > result!.Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(2 * result.Length, written + more.Length));
            result.AsSpan(0, written).CopyTo(larger);
            ArrayPool<char>.Shared.Return(result);
            result = larger;
        }
        more.CopyTo(result.AsSpan(written));
        written += more.Length;
    }
}
