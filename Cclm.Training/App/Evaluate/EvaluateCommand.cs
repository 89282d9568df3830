using System.CommandLine;

namespace Cclm.Training.App;

/// <summary><c>cclm evaluate</c>: what a model is worth on public data sets, beside baselines.</summary>
sealed class EvaluateCommand : Command
{
    public EvaluateCommand(PartTypes parts, Terminal terminal) : base("evaluate", "Measure models on public data sets beside baselines, on the same splits, with seeds and confidence intervals.")
    {
        Add(new EvaluateTextsCommand(terminal));
        Add(new EvaluateRunCommand(parts, terminal));
    }
}
