using System.Text.Json.Nodes;
using Cclm.Export;
using Cclm.Training.App;

namespace Cclm.Training.Recipes;

/// <summary>Converts the composed model to fewer bits, and compares it with the composed one.</summary>
sealed class QuantizationStep(BuildContext context, RecipeQuantization quantization) : BuildStep("quantization", "convert")
{
    public static QuantizationStep Of(BuildContext context, RecipeQuantization quantization) => new(context, quantization)
    {
        Inputs = new()
        {
            ["to"] = PrecisionNames.Word(quantization.To),
            ["keep"] = new JsonArray([.. quantization.Keep.Select(name => (JsonNode)name)]),
            ["minCosine"] = quantization.MinCosine,
            ["worstCosine"] = quantization.WorstCosine,
            ["atMost"] = quantization.AtMost,
            ["file"] = quantization.File,
            ["corpus"] = context.Data(quantization.Corpus),
        },
        Parents = [context.NameOf(context.Models.First())],
        Outputs = [quantization.File],
    };

    /// <summary>A model that is refused is not there, and neither is one of other inputs in its place.</summary>
    public override void Forget() => File.Delete(context.PathOf(quantization.File));

    public override JsonObject? Make(LockedStep? before, BuildLock build, CancellationToken cancellation)
    {
        var texts = QuantizationTexts.Of(context.Corpus(quantization.Corpus), quantization.AtMost, cancellation);
        var limits = new QuantizationLimits { MeanCosine = quantization.MinCosine, WorstCosine = quantization.WorstCosine, Threads = context.Threads };
        var (model, report) = QuantizationGate.Convert(OnnxFile.Load(context.Models.First()), quantization.ToOptions(), texts, limits);
        OnnxFile.Save(model, context.PathOf(quantization.File));
        Terminal.Tell($"{report}");
        return new(report.Outputs.Select(output => KeyValuePair.Create(output.Output, (JsonNode?)new JsonObject { ["meanCosine"] = output.MeanCosine, ["worstCosine"] = output.WorstCosine })));
    }
}
