using System.Runtime.CompilerServices;
using System.Text;

namespace Cclm.Inference;

/// <summary>Code point to id, for all of Unicode, in two array reads.</summary>
/// <remarks>
/// Pages of 256 code points; every page without a known character is the one page of unknowns. A corpus of one script
/// touches a few kilobytes, and a character outside the Basic Multilingual Plane costs what any other does.
/// </remarks>
sealed class CharacterTable
{
    const int PageBits = 8;
    const int PageSize = 1 << PageBits;
    const int CodePoints = 0x110000;

    readonly int[] pageStarts = new int[CodePoints >> PageBits];    // 0 is the page of unknowns
    readonly int[] ids;

    /// <param name="characters">The characters in id order.</param>
    /// <param name="first">The id of the first one.</param>
    /// <param name="unknown">The id of every other code point.</param>
    public CharacterTable(IReadOnlyList<Rune> characters, int first, int unknown)
    {
        var pages = 1;
        foreach (var character in characters)
        {
            ref var start = ref pageStarts[character.Value >> PageBits];
            start = start == 0 ? pages++ * PageSize : start;
        }
        ids = new int[pages * PageSize];
        Array.Fill(ids, unknown);
        for (var i = 0; i < characters.Count; i++)
        {
            ids[IndexOf(characters[i].Value)] = first + i;
        }
    }

    public int this[int codePoint]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ids[IndexOf(codePoint)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int IndexOf(int codePoint) => pageStarts[codePoint >> PageBits] + (codePoint & (PageSize - 1));
}
