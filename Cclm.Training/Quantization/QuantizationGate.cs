using System.Numerics.Tensors;
using Cclm.Export;
using Onnx;

namespace Cclm.Training;

/// <summary>Compares a converted model with the original on texts, before anyone uses it.</summary>
public static class QuantizationGate
{
    const int LongestShown = 60;

    /// <summary>Converts a model, and gives it only where it says of texts what the original says.</summary>
    /// <param name="model">A composed model or an embedder, which reads ids or text; it is not changed.</param>
    /// <param name="options">What is made of it.</param>
    /// <param name="texts">Texts such as it is to be used on; a few hundred tell enough.</param>
    /// <param name="limits">How much may be lost.</param>
    /// <exception cref="OnnxModelException">The model can not be converted.</exception>
    /// <exception cref="InvalidDataException">It can not be run on texts, or too much is lost; the message says of which output and text.</exception>
    public static (ModelProto Model, QuantizationReport Report) Convert(ModelProto model, QuantizationOptions options, IReadOnlyList<string> texts, QuantizationLimits? limits = null)
    {
        limits ??= new();
        var converted = Quantizer.Convert(model, options);
        var report = Measure(model, converted, texts, limits);
        limits.Ensure(report);
        return (converted, report);
    }

    /// <summary>Measures agreement and speed; both models run on each batch, in turns.</summary>
    /// <exception cref="ArgumentException">There is no text.</exception>
    /// <inheritdoc cref="Convert"/>
    public static QuantizationReport Measure(ModelProto original, ModelProto converted, IReadOnlyList<string> texts, QuantizationLimits limits)
    {
        if (texts.Count == 0)
        {
            throw new ArgumentException("There is no text to compare the models on. Give some that are like those that the model is used on.", nameof(texts));
        }
        using var before = new ModelAnswers(original, limits.Threads);
        using var after = new ModelAnswers(converted, limits.Threads);
        var cosines = before.Outputs.Select(_ => new List<double>(texts.Count)).ToArray();
        var ratios = new List<double>();
        before.Of([texts[0]]);      // the first run prepares
        after.Of([texts[0]]);
        foreach (var batch in texts.Chunk(limits.BatchSize))
        {
            var ((expected, slow), (found, fast)) = (before.Of(batch), after.Of(batch));
            ratios.Add(slow / fast);
            for (var i = 0; i < cosines.Length; i++)
            {
                cosines[i].AddRange(expected[i].Zip(found[i], Cosine));
            }
        }
        return new(
            ModelProperties.Read(converted).GetValueOrDefault(ModelMetadata.PrecisionKey, "float32"), original.CalculateSize(), converted.CalculateSize(), texts.Count,
            [.. before.Outputs.Zip(cosines, (output, all) => Agreement(output, all, texts))], ratios.Order().ElementAt(ratios.Count / 2));
    }

    static OutputAgreement Agreement(string output, List<double> cosines, IReadOnlyList<string> texts)
    {
        var worst = cosines.IndexOf(cosines.Min());     // NaN is less than any number
        var text = texts[worst];
        return new(output, cosines.Average(), cosines[worst], text.Length <= LongestShown ? text : $"{text[..LongestShown]}..");
    }

    static double Cosine(float[] x, float[] y)
    {
        var (lengthX, lengthY) = (TensorPrimitives.Norm<float>(x), TensorPrimitives.Norm<float>(y));
        return lengthX == 0 && lengthY == 0 ? 1 : lengthX == 0 || lengthY == 0 ? 0 : TensorPrimitives.Dot<float>(x, y) / ((double)lengthX * lengthY);
    }
}
