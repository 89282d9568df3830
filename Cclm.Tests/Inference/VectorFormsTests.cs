using System.Numerics.Tensors;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Vectors in less space, and those that are next to one.</summary>
public sealed class VectorFormsTests
{
    static float[] Vector(Random random, int length)
    {
        float[] vector = [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5))];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    [Test]
    public void CosinesAreNearlyKept([Values(7, 64, 255)] int length)
    {
        var random = new Random(length);
        for (var trial = 0; trial < 50; trial++)
        {
            var (a, b) = (Vector(random, length), Vector(random, length));
            var cosine = TensorPrimitives.CosineSimilarity<float>(a, b);
            Assert.That((float)TensorPrimitives.CosineSimilarity<Half>(VectorForms.ToHalf(a), VectorForms.ToHalf(b)), Is.EqualTo(cosine).Within(0.02), "Summed in halves.");
            Assert.That(VectorForms.ToHalf(a).Zip(a, (half, number) => Math.Abs((float)half - number)).Max(), Is.LessThan(0.0005));
            Assert.That(TensorPrimitives.CosineSimilarity<float>(Floats(a), Floats(b)), Is.EqualTo(cosine).Within(0.02));
            var differing = VectorForms.ToBinary(a).Xor(VectorForms.ToBinary(b)).Cast<bool>().Count(bit => bit) / (double)length;
            Assert.That(Math.Cos(Math.PI * differing), Is.EqualTo(cosine).Within(4 / Math.Sqrt(length)));
        }

        static float[] Floats(float[] vector) => [.. VectorForms.ToInt8(vector).Select(number => (float)number)];
    }

    [TestCase(new float[] { }, new sbyte[] { })]
    [TestCase(new[] { 0f, 0f }, new sbyte[] { 0, 0 })]
    [TestCase(new[] { -2f, 1f, 0.001f }, new sbyte[] { -127, 64, 0 })]
    [TestCase(new[] { 1e-30f, -5e-31f }, new sbyte[] { 127, -64 })]
    public void TheLargestNumberTakesAllOfAByte(float[] vector, sbyte[] expected) => Assert.That(VectorForms.ToInt8(vector), Is.EqualTo(expected));

    [Test]
    public async Task AGeneratorGivesEachForm()
    {
        var tiny = new TinyModel();
        using var model = tiny.Load();
        var vector = tiny.Embedding("abc");
        Assert.That((await model.AsHalfEmbeddingGenerator().GenerateAsync(["abc"])).Single().Vector.ToArray().Select(half => (float)half), Is.EqualTo(vector).Within(0.001f));
        Assert.That((await model.AsInt8EmbeddingGenerator().GenerateAsync(["abc"])).Single().Vector.ToArray(), Is.EqualTo(VectorForms.ToInt8(vector)).Within(1));
        var binary = (await model.AsBinaryEmbeddingGenerator().GenerateAsync(["abc", "d"]))[0];
        Assert.That(binary.Vector.Cast<bool>(), Is.EqualTo(vector.Select(number => number > 0)));
        Assert.That((binary.Dimensions, binary.ModelId), Is.EqualTo((TinyModel.Width, $"cclm-{model.Weights}")));
    }

    [Test]
    public void TheNearestAreThoseOfASortOfAll([Values(0, 1, 5, 1_000)] int many, [Values(1, 3, 2_000)] int count)
    {
        var random = new Random(many);
        float[][] vectors = [.. Enumerable.Range(0, many).Select(_ => Vector(random, 13))];
        if (many > 3)
        {
            vectors[3] = vectors[1];        // of equal ones the first
        }
        var query = Vector(random, 13);
        var expected = Enumerable.Range(0, many).OrderByDescending(i => TensorPrimitives.Dot<float>(query, vectors[i])).ThenBy(i => i).Take(count);
        Assert.That(new NearestVectors(vectors).Search(query, count).Select(found => found.Index), Is.EqualTo(expected));
    }

    [Test]
    public void WhatDoesNotFitIsAnError()
    {
        Assert.That(() => new NearestVectors([[1, 2], [1]]), Throws.ArgumentException.With.Message.Contains("Vector 1 has 1 numbers; expected 2"));
        Assert.That(() => new NearestVectors([[1, 2]]).Search([1], 1), Throws.ArgumentException.With.Message.Contains("1 numbers; expected 2"));
        Assert.That(() => new NearestVectors([[1, 2]]).Search([1, 2], 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
