using System.Numerics.Tensors;

namespace Cclm.Training;

/// <summary>What gives every text the vector that a student is to learn. Derive from it to ask a teacher of your own.</summary>
public abstract class Teacher : IDisposable
{
    /// <summary>D, the numbers of a vector.</summary>
    public abstract int Width { get; }

    /// <summary>Which teacher it is, in words that no other one has: a run is not gone on with under another.</summary>
    public abstract string Description { get; }

    /// <summary>A text's vector [D], always the same one. It is asked on several threads, often, and before its <see cref="Dispose"/> only.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is no vector of finite numbers.</exception>
    public abstract float[] VectorOf(string text);

    /// <summary>Looks whether the texts can be taught, before time is spent on them; a teacher that has to compute tries the first.</summary>
    /// <exception cref="InvalidDataException">There is no vector of a text.</exception>
    public virtual void Check(IEnumerable<string> texts) => VectorOf(texts.First());

    /// <summary>Frees what the teacher holds.</summary>
    public abstract void Dispose();

    /// <summary>A vector, if it is one that can be learned.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="width">D; null where the vector is the first.</param>
    /// <param name="what">What messages call it.</param>
    internal static float[] Checked(float[] vector, int? width, string what) =>
        vector.Length != (width ?? vector.Length) ? throw new InvalidDataException($"{what} has {vector.Length} numbers; expected {width}, as the first one has.")
        : !TensorPrimitives.IsFiniteAll<float>(vector) ? throw new InvalidDataException($"{what} is not all finite numbers (NaN or infinity), so nothing can be learned from it. Make it again, or leave its text out.")
        : vector;

    /// <summary>The beginning of a text, for messages.</summary>
    internal static string Shown(string text) => text.Length <= 60 ? $"'{text}'" : $"'{text[..60]}..'";
}
