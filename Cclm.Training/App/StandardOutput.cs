using System.Text;

namespace Cclm.Training.App;

/// <summary>Standard output whose errors say that it is what could not be written: the system's name no file.</summary>
/// <param name="output">Where it goes.</param>
sealed class StandardOutput(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write($"{value}{NewLine}");

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        try
        {
            output.Write(buffer);
        }
        catch (IOException e)
        {
            throw new IOException($"Standard output could not be written: {e.Message}. Send it where there is room.", e);
        }
        catch (UnauthorizedAccessException e)       // what .NET makes of a descriptor that is not open for writing
        {
            throw new IOException("Standard output could not be written: it is closed. Send it to a file or a pipe.", e);
        }
    }

    public override void Flush() => output.Flush();
}
