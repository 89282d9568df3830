namespace Cclm.Training;

/// <summary>What a student reads in place of whole texts: more and shorter ones have more to say of each word.</summary>
public sealed record ExcerptOptions
{
    const int MostWords = 1_000_000;

    /// <summary>How many words of a text in a row, from half of it to half more, others each time; 0 for whole texts.</summary>
    public int Words { get; init; }

    /// <summary>The share of them in whose place come as many words drawn at random (<see cref="WordVectorTeacher.Drawn"/>): rare words are told from few texts otherwise.</summary>
    public double Drawn { get; init; }

    /// <param name="teacherIsMadeOfWords">Whether the teacher is a <see cref="WordVectorTeacher"/>. Vectors in a file are of whole texts, and a model would be asked for each excerpt anew.</param>
    /// <exception cref="ArgumentException">A number is out of range, or there is no such teacher.</exception>
    internal void Check(bool teacherIsMadeOfWords)
    {
        if (Words is < 0 or > MostWords || Drawn is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"Excerpts of {Words} words, {Drawn} of them drawn, can not be made; expected 0 to {MostWords:N0} words, and a share from 0 to 1.");
        }
        if ((Words > 0 || Drawn > 0) && !teacherIsMadeOfWords)
        {
            throw new ArgumentException("Excerpts are learned only from vectors that are made of the corpus' words; leave 'excerpts' out, or have such vectors made ('words').");
        }
    }

    /// <summary>What is read of a text this time.</summary>
    internal string Of(string text, Teacher teacher, Random random)
    {
        var excerpt = Words > 0 ? Data.Words.Excerpt(text, Words, random) : text;
        return Drawn > 0 && random.NextDouble() < Drawn ? ((WordVectorTeacher)teacher).Drawn(excerpt, random) : excerpt;
    }
}
