using System.Runtime.InteropServices;
using System.Text;

namespace Cclm.Training.Data;

/// <summary>Writes vectors as a NumPy file (NEP 1, format version 1.0): a matrix [N,D] of little-endian float32, row after row.</summary>
static class NpyWriter
{
    const int Prefix = 10, Alignment = 64;      // magic string, version and the header's length; where the numbers may begin

    /// <param name="stream">Where to.</param>
    /// <param name="vectors">N vectors of D numbers.</param>
    /// <param name="rows">N</param>
    /// <param name="width">D</param>
    public static void Write(Stream stream, IEnumerable<float[]> vectors, long rows, int width)
    {
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
        var length = ((Prefix + text.Length + Alignment) / Alignment * Alignment) - Prefix;        // the line feed among them
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8), .. Encoding.ASCII.GetBytes($"{text.PadRight(length - 1)}\n")]);
        foreach (var vector in vectors)
        {
            stream.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
        }
    }
}
