using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A text's characters from one vector: each position reads the vector by a linear map of its own, and all answer by one.</summary>
sealed class CharacterDecoder : Module<Tensor, Tensor>
{
    readonly Linear positions, output;

    /// <param name="vector">C, the vector's channels.</param>
    /// <param name="length">L, the characters that are answered.</param>
    /// <param name="width">D, the channels at each of them.</param>
    /// <param name="characters">V</param>
    public CharacterDecoder(long vector, int length, int width, int characters) : base(nameof(CharacterDecoder))
    {
        (positions, output) = (Linear(vector, (long)length * width), Linear(width, characters));
        (Vector, Length, Width, Characters) = (vector, length, width, characters);
        RegisterComponents();
    }

    /// <summary>C</summary>
    public long Vector { get; }

    /// <summary>L</summary>
    public int Length { get; }

    /// <summary>D</summary>
    public int Width { get; }

    /// <summary>V</summary>
    public int Characters { get; }

    public override Tensor forward(Tensor vectors) =>                                                               // [B,C] -> [B,L,V]
        output.call(functional.gelu(positions.call(vectors)).view(-1, Length, Width));
}

/// <summary>A teacher's decoder, kept as it is, and what brings a student's vector to the width that it reads.</summary>
sealed class StudentHead : Module<Tensor, Tensor>
{
    readonly Linear project;
    readonly CharacterDecoder decoder;

    /// <param name="width">C, the channels of the student's tower.</param>
    /// <param name="decoder">The teacher's; it is frozen here.</param>
    public StudentHead(long width, CharacterDecoder decoder) : base(nameof(StudentHead))
    {
        (project, this.decoder) = (Linear(width, decoder.Vector), decoder);
        foreach (var weight in decoder.parameters())
        {
            weight.requires_grad = false;
        }
        RegisterComponents();
    }

    public override Tensor forward(Tensor vectors) => decoder.call(project.call(vectors));                          // [B,C] -> [B,L,V]
}
