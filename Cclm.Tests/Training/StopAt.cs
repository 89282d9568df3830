using Cclm.Training;

namespace Cclm.Tests.Training;

/// <summary>Presses Ctrl-C after a step.</summary>
sealed class StopAt(int step, CancellationTokenSource cancellation) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Step == step)
        {
            cancellation.Cancel();
        }
    }
}
