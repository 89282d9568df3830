using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Vectors in NumPy's files: what numpy writes is read number for number, and nothing else is.</summary>
public sealed class NpyTests
{
    /// <summary>Writes vectors as numpy does, format version 1.0.</summary>
    public static string Write(string path, IReadOnlyList<float[]> vectors)
    {
        File.WriteAllBytes(path, Bytes($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({vectors.Count}, {vectors[0].Length}), }}", [.. vectors.SelectMany(vector => vector).SelectMany(BitConverter.GetBytes)]));
        return path;
    }

    static byte[] Bytes(string header, byte[] numbers, byte version = 1, int? length = null)
    {
        byte[] size = BitConverter.GetBytes(length ?? header.Length + 1);
        return [0x93, .. "NUMPY"u8, version, 0, .. version == 1 ? size[..2] : size, .. header.Select(letter => (byte)letter), (byte)'\n', .. numbers];
    }

    [TestCase("<f4", 1, 1, "(1, 0)")]
    [TestCase("<f4", 7, 3, "(1, 0)")]
    [TestCase("<f8", 5, 9, "(1, 0)")]
    [TestCase("<f4", 301, 17, "(2, 0)")]
    [TestCase("<f8", 2, 1, "(3, 0)")]
    public void WhatNumpyWritesIsRead(string type, int rows, int width, string version)
    {
        using var folder = new TempFolder();
        OtherProgram.SystemPython("""
            import sys, numpy
            path, type, rows, width, version = sys.argv[1:]
            vectors = numpy.sin(numpy.arange(int(rows) * int(width), dtype="<f8")).reshape(int(rows), int(width)).astype(type)
            with open(path, "wb") as file:
                numpy.lib.format.write_array(file, vectors, version=eval(version))
            """, folder["v.npy"], type, $"{rows}", $"{width}", version);
        using var vectors = NpyFile.Open(folder["v.npy"]);
        Assert.That((vectors.Count, vectors.Width), Is.EqualTo((rows, width)));
        Assert.That(vectors.SelectMany(row => row), Is.EqualTo(Enumerable.Range(0, rows * width).Select(i => (float)Math.Sin(i))).Within(1e-7f));
        Assert.That(vectors[rows - 1], Is.EqualTo(vectors.Skip(rows - 1).Single()));
        Assert.That(() => vectors[rows], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }")]
    [TestCase("{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}    ")]
    [TestCase("{ 'descr':'<f4' , 'fortran_order':False,'shape':(2,3) }")]
    public void TheOrderOfTheEntriesDoesNotMatter(string header)
    {
        using var folder = new TempFolder();
        using var vectors = NpyFile.Open(folder.Write("v.npy", Bytes(header, [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))])));
        Assert.That(vectors, Is.EqualTo((float[][])[[0, 1, 2], [3, 4, 5]]));
    }

    [TestCase("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", 24, "its header is")]
    [TestCase("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", 12, "its header is")]
    [TestCase("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", 24, "its header is")]
    [TestCase("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", 24, "its header is")]
    [TestCase("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24, "Fortran")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", 24, "a matrix")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", 24, "a matrix")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", 24, "its header is")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", 0, "at least one row")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3), }", 24, "its shape is")]
    [TestCase("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647), }", 24, "36,893,488,")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23, "expected 94")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 25, "expected 94")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 'x'}", 24, "its header is")]
    [TestCase("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24, "its header is")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } + open('x')", 24, "its header is")]
    [TestCase("", 24, "its header is")]
    public void AnotherHeaderIsRefused(string header, int bytes, string message)
    {
        using var folder = new TempFolder();
        Assert.That(() => NpyFile.Open(folder.Write("v.npy", Bytes(header, new byte[bytes]))), Throws.TypeOf<InvalidDataException>().With.Message.Contains("v.npy").And.Message.Contains(message));
    }

    static readonly Dictionary<string, (byte[] File, string Message)> NoFiles = new()
    {
        ["nothing"] = ([], "does not begin"),
        ["a zip, as numpy.savez writes"] = ([.. "PK\x03\x04"u8, .. new byte[60]], "does not begin"),
        ["version 4"] = (Bytes("{}", [], version: 4), "does not begin"),
        ["a header longer than the file"] = (Bytes("{}", [], length: 500), "its header has 500 bytes"),
        ["a header of 4 GB"] = (Bytes("{}", [], version: 2, length: -1), "its header has 4,294,967,295 bytes"),
    };

    static IEnumerable<string> NoFileNames => NoFiles.Keys;

    [TestCaseSource(nameof(NoFileNames))]
    public void AnotherFileIsRefused(string name)
    {
        using var folder = new TempFolder();
        Assert.That(() => NpyFile.Open(folder.Write("v.npy", NoFiles[name].File)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(NoFiles[name].Message));
    }
}
