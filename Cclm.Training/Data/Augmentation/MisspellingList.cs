namespace Cclm.Training.Data;

/// <summary>Words, and how they have really been misspelt.</summary>
public sealed class MisspellingList
{
    const int MaxPairs = 1_000_000, MaxLength = 64;

    readonly Dictionary<string, string[]>.AlternateLookup<ReadOnlySpan<char>> misspellings;

    MisspellingList(Dictionary<string, string[]> misspellings) => this.misspellings = misspellings.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many words have misspellings.</summary>
    public int Count => misspellings.Dictionary.Count;

    /// <summary>Reads lines <c>wrong&lt;TAB&gt;right</c> of a UTF-8 file, which may be compressed. Blank lines are skipped; of lines that are the same, one counts.</summary>
    /// <remarks>
    /// Words are found whatever their case. A wrong form may be several words (a lot for alot); a right one that is no single word is
    /// never found. At most 1,000,000 lines are read, of at most 64 UTF-16 units a side.
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is no such pair, or there are none or too many; the message names file and line.</exception>
    public static MisspellingList Load(string path)
    {
        var misspellings = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        var pairs = 0;
        foreach (var (number, line) in Corpus.AllLines(path).Where(line => !string.IsNullOrWhiteSpace(line.Text)))
        {
            if (++pairs > MaxPairs)
            {
                throw new InvalidDataException($"'{path}', line {number} is one too many; expected at most {MaxPairs:N0} misspellings. Leave out what is rare.");
            }
            var (wrong, right) = Pair(path, number, line);
            if (!misspellings.TryGetValue(right, out var known))
            {
                misspellings.Add(right, known = []);
            }
            known.Add(wrong);
        }
        return pairs > 0 ? new(misspellings.ToDictionary(pair => pair.Key, pair => pair.Value.Distinct().ToArray(), StringComparer.OrdinalIgnoreCase))
            : throw new InvalidDataException($"'{path}' holds no misspelling; expected lines of a misspelling, a tab and the right word.");
    }

    /// <summary>How a word has been misspelt, as the list has it; empty where it has not.</summary>
    public IReadOnlyList<string> Find(ReadOnlySpan<char> word) => misspellings.TryGetValue(word, out var wrong) ? wrong : [];

    /// <summary>Misspells a word, in the case that it has.</summary>
    internal bool Misspell(ref TextEdit edit, int begin, int end, Random random)
    {
        var word = edit.Text[begin..end];
        if (!misspellings.TryGetValue(word, out var forms))
        {
            return false;
        }
        var first = random.Next(forms.Length);
        for (var i = 0; i < forms.Length; i++)
        {
            var wrong = LetterCase.As(word, forms[(first + i) % forms.Length]);
            if (!word.SequenceEqual(wrong))                     // some differ from the word in case alone
            {
                edit.Replace(begin, end, wrong);
                return true;
            }
        }
        return false;
    }

    static (string Wrong, string Right) Pair(string path, long number, string line)
    {
        var sides = line.Split('\t', 3);
        return sides is [var wrong, var right] && IsForm(wrong) && IsForm(right) && wrong != right ? (wrong, right)
            : throw new InvalidDataException($"'{path}', line {number} is '{(line.Length > 60 ? line[..60] : line)}'; " +
                $"expected a misspelling, a tab and the right word, not the same and of at most {MaxLength} characters each. Correct the line or take it out.");
    }

    static bool IsForm(string text) => text.Length <= MaxLength && !string.IsNullOrWhiteSpace(text);
}
