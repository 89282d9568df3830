using System.Text;
using Onnx;

namespace Cclm.Export;

/// <summary>How text becomes ids, as plain values: what a graph has to know of a preprocessor.</summary>
/// <param name="Characters">The characters with an id of their own, in the order of their ids, from 4.</param>
/// <param name="MaxLength">The most ids of a text.</param>
/// <param name="DownsampleFactor">Lengths are rounded up to a multiple of this.</param>
/// <param name="AddCls">Whether id 3 ends each text.</param>
public sealed record TextEncoding(string Characters, int MaxLength, int DownsampleFactor, bool AddCls)
{
    /// <summary><see cref="MaxLength"/>, rounded down to the factor.</summary>
    public int Limit => MaxLength - (MaxLength % DownsampleFactor);

    /// <summary>The characters one by one.</summary>
    /// <exception cref="OnnxModelException">A lone surrogate, or a character that occurs twice.</exception>
    internal string[] Symbols()
    {
        var symbols = new List<string>();
        var seen = new HashSet<Rune>();
        for (var i = 0; i < Characters.Length; i += symbols[^1].Length)
        {
            if (!Rune.TryGetRuneAt(Characters, i, out var rune) || !seen.Add(rune))
            {
                var what = seen.Contains(rune) ? "there twice" : "no character";
                throw new OnnxModelException($"The vocabulary has U+{(int)Characters[i]:X4} at {i}, which is {what}; expected every character once. " +
                    "Save it again from the preprocessor that the model was trained with.");
            }
            symbols.Add(rune.ToString());
        }
        return [.. symbols];
    }

    /// <summary>Reads the encoding that a model carries in its metadata.</summary>
    /// <exception cref="OnnxModelException">It carries none, or one that cannot be read.</exception>
    public static TextEncoding Of(ModelProto model)
    {
        if (!ModelProperties.Read(model).TryGetValue("cclm.preprocessor", out var json))
        {
            throw new OnnxModelException("The model's metadata has no 'cclm.preprocessor', so how its text becomes ids is not known. " +
                "Give a composed model or an embedder.");
        }
        try
        {
            var document = PreprocessorDocument.Parse(json);
            return document.DownsampleFactor >= 1 && document.MaxLength >= document.DownsampleFactor
                ? new(document.Characters, document.MaxLength, document.DownsampleFactor, document.AddCls)
                : throw new InvalidDataException($"maxLength is {document.MaxLength} and downsampleFactor {document.DownsampleFactor}.");
        }
        catch (InvalidDataException e)
        {
            throw new OnnxModelException($"The model's metadata 'cclm.preprocessor' was damaged or edited: {e.Message} Export the model again.", e);
        }
    }
}
