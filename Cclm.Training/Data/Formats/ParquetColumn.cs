using System.Globalization;
using System.Text;
using ParquetSharp;

namespace Cclm.Training.Data;

/// <summary>One column of a row group, row by row.</summary>
abstract class ParquetColumn : IDisposable
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What the column holds in the next row.</summary>
    public abstract Field Next();

    public abstract void Dispose();

    /// <exception cref="InvalidDataException">The column holds neither text nor numbers nor true and false.</exception>
    public static ParquetColumn Open(ColumnReader reader, string file)
    {
        using var logical = reader.ColumnDescriptor.LogicalType;
        var unsigned = logical is IntLogicalType { IsSigned: false };
        return (logical.Type, reader) switch
        {
            (LogicalTypeEnum.None or LogicalTypeEnum.String or LogicalTypeEnum.Enum or LogicalTypeEnum.Json, ColumnReader<ByteArray> text) => new Of<ByteArray>(text, Decode),
            (LogicalTypeEnum.None or LogicalTypeEnum.Int, ColumnReader<int> number) => new Of<int>(number, value => unsigned ? Text((uint)value) : Text(value)),
            (LogicalTypeEnum.None or LogicalTypeEnum.Int, ColumnReader<long> number) => new Of<long>(number, value => unsigned ? Text((ulong)value) : Text(value)),
            (LogicalTypeEnum.None, ColumnReader<float> number) => new Of<float>(number, Text),
            (LogicalTypeEnum.None, ColumnReader<double> number) => new Of<double>(number, Text),
            (LogicalTypeEnum.None, ColumnReader<bool> flag) => new Of<bool>(flag, value => value ? "true" : "false"),
            _ => throw new InvalidDataException($"{file}: column '{reader.ColumnDescriptor.Path.ToDotString()}' holds {logical.Type} ({reader.Type}); " +
                "expected text, numbers, or true and false."),
        };
    }

    static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    static unsafe string Decode(ByteArray value) => Strict.GetString((byte*)value.Pointer, value.Length);

    /// <summary>Puts rows together from values and levels (Parquet format, "Nested Encoding").</summary>
    sealed class Of<T>(ColumnReader<T> reader, Func<T, string> text) : ParquetColumn where T : unmanaged
    {
        const int Batch = 1024;

        readonly short defined = reader.ColumnDescriptor.MaxDefinitionLevel;
        readonly bool repeats = reader.ColumnDescriptor.MaxRepetitionLevel > 0;
        readonly short[] definitions = new short[Batch], repetitions = new short[Batch];
        readonly T[] values = new T[Batch];
        long level, levels;
        int value;

        public override Field Next()
        {
            if (!Fill())
            {
                throw new EndOfStreamException($"column '{reader.ColumnDescriptor.Path.ToDotString()}' ends before the row group does.");
            }
            if (!repeats)
            {
                return new(Take());
            }
            List<string> list = [];
            do
            {
                if (Take() is { } element)
                {
                    list.Add(element);
                }
            }
            while (Fill() && repetitions[level] > 0);
            return new(null, list);
        }

        string? Take() => definitions[level++] == defined ? text(values[value++]) : null;

        bool Fill()
        {
            if (level == levels)
            {
                (level, levels, value) = (0, reader.ReadBatch(Batch, definitions, repetitions, values, out _), 0);
            }
            return level < levels;
        }

        public override void Dispose() => reader.Dispose();
    }
}
