using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training.Distillation;

public sealed class TeacherScoresTests
{
    const double Exact = 1e-6;

    [Test]
    public void CosinesAreThoseWorkedOutByHand()
    {
        using var scope = NewDisposeScope();
        var scores = new TeacherScores(comparesVectors: true);
        scores.Add(new(tensor(new float[] { 3, 0, 0, 2 }).view(2, 2), tensor(new float[] { 1, 0, 1, 1 }).view(2, 2)));     // cosines 1 and 1/sqrt(2)
        scores.Add(new(tensor(new float[] { 0, -5 }).view(1, 2), tensor(new float[] { 0, 4 }).view(1, 2)));                // -1
        Assert.That(scores.Measures[0].Value, Is.EqualTo((1 + Math.Sqrt(0.5) - 1) / 3).Within(Exact));
        // Of the directions (1,0), (1,1)/sqrt(2) and (0,1) the mean is (1,1)(1+1/sqrt(2))/3, whose cosines with them are 1/sqrt(2), 1 and 1/sqrt(2).
        Assert.That(scores.Measures[1].Value, Is.EqualTo((1 + (2 * Math.Sqrt(0.5))) / 3).Within(Exact));
    }

    [TestCase(2f, 1f, 1)]
    [TestCase(-2f, 1f, -1)]
    [TestCase(0f, 1f, 0)]
    public void TheCorrelationIsThatOfTheCosines(float slope, float offset, double expected)
    {
        using var scope = NewDisposeScope();
        // Angles whose cosines the student has in a linear relation to the teacher's: of three vectors in the plane there are three pairs.
        float[] cosines = [0.1f, 0.2f, 0.05f];
        var scores = new TeacherScores(comparesVectors: false);
        foreach (var cosine in cosines)
        {
            scores.Add(new(Pair(((slope * cosine) + offset) / 2), Pair(cosine)));
        }
        Assert.That(scores.Measures.Single().Value, Is.EqualTo(expected).Within(1e-4));
    }

    /// <summary>Two vectors of a cosine.</summary>
    static Tensor Pair(float cosine) => tensor(new[] { 1, 0, cosine, MathF.Sqrt(1 - (cosine * cosine)) }).view(2, 2);
}
