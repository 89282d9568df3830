using System.Text;

namespace Cclm.Benchmarks;

/// <summary>Text as long as one likes: lines of words, the same for a seed, made faster than it is read.</summary>
static class SyntheticCorpus
{
    const int Words = 20_000;

    /// <summary>Writes lines until they are so many bytes: words by Zipf's law, lengths of lines log-normal (half below 90 characters, one in a hundred above 700).</summary>
    public static void WriteLines(string path, long bytes) => Write(path, bytes, line => $"{line}\n");

    /// <summary>Writes the same lines as JSON objects with an id and a text.</summary>
    public static void WriteJson(string path, long bytes) => Write(path, bytes, (line, number) => $$"""{"id":{{number}},"source":"synthetic","text":"{{line}}"}{{"\n"}}""");

    static void Write(string path, long bytes, Func<string, string> row) => Write(path, bytes, (line, _) => row(line));

    static void Write(string path, long bytes, Func<string, long, string> row)
    {
        var random = new Random(1);
        string[] words = [.. Enumerable.Range(0, Words).Select(_ => string.Concat(Enumerable.Range(0, 2 + random.Next(9)).Select(_ => Letter(random))))];
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 20);
        var line = new StringBuilder();
        for (long written = 0, number = 0; written < bytes; number++)
        {
            var length = 90 * Math.Exp(0.9 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
            for (line.Clear(); line.Length < length;)
            {
                line.Append(words[(int)Math.Pow(Words, random.NextDouble()) - 1]).Append(random.Next(12) == 0 ? ", " : " ");
            }
            line.Length--;
            var text = row(line.ToString(), number);
            file.Write(text);
            written += Encoding.UTF8.GetByteCount(text);
        }
    }

    static char Letter(Random random) => random.Next(60) == 0 ? 'é' : "etaoinshrdlucmfwypvbgkjqxz"[(int)Math.Pow(26, random.NextDouble()) - 1];
}
