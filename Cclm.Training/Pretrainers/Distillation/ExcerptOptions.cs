namespace Cclm.Training;

/// <summary>What a student reads in place of whole texts: more and shorter ones have more to say of each word.</summary>
public sealed record ExcerptOptions
{
    /// <summary>How many words of a text in a row, from half of it to half more, others each time; 0 for whole texts.</summary>
    public int Words { get; init; }

    /// <summary>The share of them in whose place come as many words drawn at random (<see cref="WordVectorTeacher.Drawn"/>): rare words are told from few texts otherwise.</summary>
    public double Drawn { get; init; }

    /// <exception cref="ArgumentException">A number is out of range, or the teacher does not know what is asked of it.</exception>
    internal void Check(bool teacherKnowsAnyText, bool teacherKnowsWords)
    {
        if (Words < 0 || Drawn is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"Excerpts of {Words} words, {Drawn} of them drawn, can not be made; expected 0 words or more, and a share from 0 to 1.");
        }
        if ((Words > 0 && !teacherKnowsAnyText) || (Drawn > 0 && !teacherKnowsWords))
        {
            throw new ArgumentException(teacherKnowsAnyText
                ? "Words are drawn of those that the teacher was made of, and this one was made of none; leave 'drawn' out of the excerpts, or have vectors made of the corpus ('words')."
                : "The vectors in a file are of whole texts, and none of excerpts; leave 'excerpts' out, or name a model or 'words' as the teacher.");
        }
    }

    /// <summary>What is read of a text this time.</summary>
    internal string Of(string text, Teacher teacher, Random random)
    {
        var excerpt = Words > 0 ? Data.Words.Excerpt(text, Words, random) : text;
        return Drawn > 0 && random.NextDouble() < Drawn ? ((WordVectorTeacher)teacher).Drawn(excerpt, random) : excerpt;
    }
}
