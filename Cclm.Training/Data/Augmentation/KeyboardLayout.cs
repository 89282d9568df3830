namespace Cclm.Training.Data;

/// <summary>Which keys of a keyboard lie side by side.</summary>
public sealed class KeyboardLayout
{
    static readonly Dictionary<string, KeyboardLayout> Known = [];

    readonly Dictionary<char, string> neighbours = [];
    readonly Func<ReadOnlySpan<char>, int, bool> isKey;

    /// <summary>A layout of any keyboard.</summary>
    /// <param name="rows">
    /// The characters of the keys from left to right, letters in lower case, in rows from top to bottom; a space where a key counts for
    /// nothing. Each row lies half a key to the right of the one above it, so that a key has up to six neighbours.
    /// </param>
    /// <exception cref="ArgumentException">There is no key, a character is there twice, or one is no letter, digit, sign or space, or an upper-case letter.</exception>
    public KeyboardLayout(params IReadOnlyList<string> rows)
    {
        isKey = (word, at) => TextElements.LengthAt(word, at) == 1 && Neighbours(word[at]).Length > 0;
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Length; column++)
            {
                if (Checked(rows[row][column]) != ' ' && !neighbours.TryAdd(rows[row][column], Around(rows, row, column)))
                {
                    throw new ArgumentException($"The key '{rows[row][column]}' is in the layout twice; expected each key once.", nameof(rows));
                }
            }
        }
        if (neighbours.Count == 0)
        {
            throw new ArgumentException("The layout has no keys; expected rows of them, such as \"qwertyuiop\".", nameof(rows));
        }
    }

    /// <summary>The letters as on most keyboards for English.</summary>
    public static KeyboardLayout Qwerty { get; } = Add("qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm");

    /// <summary>The letters as on German keyboards.</summary>
    public static KeyboardLayout Qwertz { get; } = Add("qwertz", "qwertzuiopü", "asdfghjklöä", "yxcvbnm");

    /// <summary>The letters as on French keyboards.</summary>
    public static KeyboardLayout Azerty { get; } = Add("azerty", "azertyuiop", "qsdfghjklm", "wxcvbn");

    /// <summary>The letters as on Russian keyboards.</summary>
    public static KeyboardLayout Jcuken { get; } = Add("jcuken", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю");

    /// <summary>A layout as options name it.</summary>
    /// <param name="text"><c>qwerty</c>, <c>qwertz</c>, <c>azerty</c>, <c>jcuken</c>, or rows of keys with a space between them: <c>qwertyuiop asdfghjkl zxcvbnm</c>.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static KeyboardLayout Parse(string text) => Known.TryGetValue(text, out var layout) ? layout
        : text.Contains(' ', StringComparison.Ordinal) ? new(text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        : throw new ArgumentException($"There is no keyboard layout '{text}'; expected {string.Join(", ", Known.Keys)}, or rows of keys with a space between them.", nameof(text));

    /// <summary>The characters of the keys around that of a character, in the same case; none where it is on no key.</summary>
    public string Neighbours(char character) => neighbours.TryGetValue(character, out var keys) ? keys
        : neighbours.TryGetValue(char.ToLowerInvariant(character), out keys) ? LetterCase.Upper(keys) : "";

    /// <summary>Replaces one character of a word by a neighbour.</summary>
    internal bool Mistype(ref TextEdit edit, int begin, int end, Random random)
    {
        var word = edit.Text[begin..end];
        var at = WordNoise.Place(word, random, isKey);
        if (at < 0)
        {
            return false;
        }
        var keys = Neighbours(word[at]);
        edit.Replace(begin + at, begin + at + 1, [keys[random.Next(keys.Length)]]);
        return true;
    }

    static KeyboardLayout Add(string name, params string[] rows) => Known[name] = new(rows);

    static string Around(IReadOnlyList<string> rows, int row, int column)
    {
        (int Row, int Column)[] around = [(row - 1, column), (row - 1, column + 1), (row, column - 1), (row, column + 1), (row + 1, column - 1), (row + 1, column)];
        return string.Concat(around.Where(key => key.Row >= 0 && key.Row < rows.Count && key.Column >= 0 && key.Column < rows[key.Row].Length)
            .Select(key => rows[key.Row][key.Column]).Where(key => key != ' '));
    }

    static char Checked(char key) => key == ' ' || (char.IsLetterOrDigit(key) && !char.IsUpper(key)) || char.IsPunctuation(key) || char.IsSymbol(key) ? key
        : throw new ArgumentException($"U+{(int)key:X4} is no key; expected letters in lower case, digits and signs of one UTF-16 unit, or a space for none.", nameof(key));
}
