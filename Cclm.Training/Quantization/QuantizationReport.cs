using System.Globalization;

namespace Cclm.Training;

/// <summary>What a conversion costs in agreement, and what it saves.</summary>
/// <param name="Precision">What was converted to: <c>int8</c>, <c>float16</c> or <c>int8-weights</c>.</param>
/// <param name="BytesBefore">Bytes of the model's file as it was.</param>
/// <param name="BytesAfter">Bytes of the converted one's.</param>
/// <param name="Texts">How many texts were compared.</param>
/// <param name="Outputs">How far each output agrees.</param>
/// <param name="Speed">How many times as fast the converted model was, the median over batches that both ran in turns; below 1 it is slower.</param>
public sealed record QuantizationReport(string Precision, long BytesBefore, long BytesAfter, int Texts, IReadOnlyList<OutputAgreement> Outputs, double Speed)
{
    /// <summary>The report in lines for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Precision}: {BytesBefore:N0} bytes became {BytesAfter:N0} ({(double)BytesAfter / BytesBefore:P0}), {Speed:F2} times as fast on this machine.\n" +
        $"{string.Join('\n', Outputs)}");
}

/// <summary>How far an output of a converted model agrees with the original's: cosines over texts.</summary>
/// <param name="Output">The output's name.</param>
/// <param name="MeanCosine">The mean over texts.</param>
/// <param name="WorstCosine">The smallest of a text; NaN where an answer is no number.</param>
/// <param name="WorstText">The text that it is of.</param>
public sealed record OutputAgreement(string Output, double MeanCosine, double WorstCosine, string WorstText)
{
    /// <summary>The agreement in words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Output}: cosine {MeanCosine:F6} on average, {WorstCosine:F6} at worst.");
}

/// <summary>What a converted model has to keep of the original, and how that is measured.</summary>
public sealed record QuantizationLimits
{
    /// <summary>The least mean cosine of each output, over all texts: what is lost on the whole.</summary>
    public double MeanCosine { get; init; } = 0.999;

    /// <summary>The least cosine of any single text: a mean hides a text that comes out as another. Looser, for the smallest of many falls as they grow in number.</summary>
    public double WorstCosine { get; init; } = 0.99;

    /// <summary>Texts of a batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads of each model.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Fails where a converted model is too far from the original.</summary>
    /// <exception cref="InvalidDataException">With the output, what was found and expected, and what to do.</exception>
    public void Ensure(QuantizationReport report)
    {
        foreach (var output in report.Outputs)
        {
            if (!(output.MeanCosine >= MeanCosine) || !(output.WorstCosine >= WorstCosine))     // NaN is not
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"In {report.Precision}, output '{output.Output}' has a cosine of {output.MeanCosine:F6} with the original's on average and {output.WorstCosine:F6} at worst, over {report.Texts:N0} texts; " +
                    $"expected {MeanCosine} and {WorstCosine}. The worst text is '{output.WorstText}'. Keep some weights as they are, convert to another precision, or accept less."));
            }
        }
    }
}
