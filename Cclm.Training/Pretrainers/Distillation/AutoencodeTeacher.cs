using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What a student needs of a tower that <see cref="AutoencodePretrainer"/> trained: its decoder, and the characters that it answers.</summary>
public sealed class AutoencodeTeacher
{
    const string Positions = "positions.weight", Output = "output.weight";

    AutoencodeTeacher(Preprocessor preprocessor, CharacterDecoder decoder, string hash) => (Preprocessor, Decoder, Hash) = (preprocessor, decoder, hash);

    /// <summary>The teacher's characters and their ids.</summary>
    public Preprocessor Preprocessor { get; }

    /// <summary>SHA-256 of the file that the decoder is from, in hexadecimal.</summary>
    public string Hash { get; }

    internal CharacterDecoder Decoder { get; }

    /// <summary>Reads a teacher from where it was trained.</summary>
    /// <param name="folder">The model's folder: its preprocessor and the tower's head are read.</param>
    /// <param name="tower">The tower's name.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or the tower was trained on another task or as a student itself.</exception>
    public static AutoencodeTeacher Load(string folder, string tower)
    {
        var model = new ModelFolder(folder, new PartTypes());
        var (preprocessor, head) = (model.LoadPreprocessor(), model.HeadFile(PartTypes.CheckName(tower)));
        if (!File.Exists(head))
        {
            throw new InvalidDataException($"There is no '{head}'. Expected what 'cclm pretrain autoencode' wrote there for a tower '{tower}'; name the teacher's folder and tower.");
        }
        var decoder = Sized(Safetensors.Read(head).Tensors, head);
        if (decoder.Characters != preprocessor.Vocabulary.Count)
        {
            throw new InvalidDataException($"'{head}' answers {decoder.Characters} characters, but '{model.PreprocessorFile}' has {preprocessor.Vocabulary.Count}. Put back the preprocessor that it was trained with.");
        }
        Weights.Load(decoder, head);
        return new(preprocessor, decoder, FileHash.Of(head));
    }

    /// <summary>A decoder of the size of one in a file.</summary>
    static CharacterDecoder Sized(IReadOnlyDictionary<string, SafeTensor> weights, string file) =>
        weights.GetValueOrDefault(Positions)?.Shape is [var rows, var vector] && weights.GetValueOrDefault(Output)?.Shape is [var characters, > 0 and var width] && rows > 0 && rows % width == 0
            ? new(vector, (int)(rows / width), (int)width, (int)characters)
            : throw new InvalidDataException($"'{file}' holds no decoder of the task autoencode. Name a tower that was trained on it; where that one was a student itself, name its own teacher, whose decoder it has.");
}
