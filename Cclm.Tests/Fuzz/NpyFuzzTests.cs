using Cclm.Tests.Data;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Fuzz;

[Parallelizable]
public sealed class NpyFuzzTests
{
    [Test]
    public void TheReaderTakesOrRefuses()
    {
        using var folder = new TempFolder(Fuzzing.Disk);
        var file = folder["v.npy"];
        byte[][] examples = [.. new (int Rows, int Width)[] { (1, 1), (3, 5), (2, 12) }
            .Select(size => File.ReadAllBytes(NpyTests.Write(file, [.. Enumerable.Range(0, size.Rows).Select(_ => new float[size.Width])])))];
        var mutator = new Mutator(1, examples, "'descr': ", "'<f8'", "'shape': ", "(3, 5)", "(2147483647, 2147483647)", "'fortran_order': True", "\0\0", ", ", "}");
        Fuzzing.Run("npy", mutator.Next, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                using var vectors = NpyFile.Open(file);
                return vectors.Sum(row => row.Length) == vectors.Count * vectors.Width;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }, length => 200_000 + 100L * length);
    }
}
