using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>Training that is nothing but steps on one batch in memory, under what a run trains under: its precision, and memory that is kept.</summary>
static class BareSteps
{
    /// <param name="pretrainer">What is trained.</param>
    /// <param name="rows">What it is prepared for.</param>
    /// <param name="batch">The batch of each step.</param>
    /// <param name="options">Optimizer, precision and steps.</param>
    /// <param name="done">Is told after each step.</param>
    public static void Train<T>(Pretrainer<T> pretrainer, RowSource<T> rows, Batch batch, TrainingOptions options, Action<int> done)
    {
        using var optimizer = new FlatParameters(options.Groups(TaskRun.Parameters([pretrainer.On(rows)])));
        using var memory = NativeMemory.KeepFreedBlocks();
        using var backward = new BackwardPass(optimizer, options);
        pretrainer.SetTraining(true);
        for (var step = 1; step <= options.Steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            backward.Run(pretrainer, batch, seed: step, share: 1);
            optimizer.Step(options.LearningRate, options.WeightDecay, options.ClipNorm);
            done(step);
        }
    }
}
