using System.Text;
using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary>Vectors on standard output, each with its text.</summary>
static class PrintedVectors
{
    const int LinesAtOnce = 1024, NumbersShown = 8;

    /// <summary>Prints the texts' vectors in order: the first numbers of each for people, or all as JSON.</summary>
    /// <returns>How many texts are longer than the model reads at once.</returns>
    public static int Print(IEnumerable<string> texts, CclmModel model, string? tower, bool asJson, CancellationToken cancellation)
    {
        var tooLong = 0;
        foreach (var some in texts.Chunk(LinesAtOnce))
        {
            foreach (var (text, vector) in some.Zip(model.Embed(some, tower, cancellation)))
            {
                Write(text, vector, asJson);
                tooLong += model.Preprocessor.Fits(text) ? 0 : 1;
            }
        }
        return tooLong;
    }

    static void Write(string text, float[] vector, bool asJson)
    {
        if (asJson)
        {
            Terminal.WriteJsonLine(new { text, embedding = vector });
        }
        else
        {
            var shown = string.Join(' ', vector.Take(NumbersShown).Select(number => $"{number:F4}"));
            Terminal.WriteLine($"{shown}{(vector.Length > NumbersShown ? $" .. ({vector.Length} numbers)" : "")}  {text}");
        }
    }

    /// <summary>The lines of the standard input, as they come.</summary>
    public static IEnumerable<string> StandardInput(CancellationToken cancellation)
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false, throwOnInvalidBytes: true));
        for (var line = 1; ; line++)
        {
            string? text;
            try
            {
                // A read of a terminal can not be cancelled; it is left behind.
                text = Task.Run(reader.ReadLine, cancellation).WaitAsync(cancellation).GetAwaiter().GetResult();
            }
            catch (DecoderFallbackException e)
            {
                throw new InvalidDataException($"Standard input is no UTF-8 near line {line}. Convert it first, for example with 'iconv -f latin1 -t utf-8'.", e);
            }
            if (text is null)
            {
                yield break;
            }
            yield return text;
        }
    }
}
