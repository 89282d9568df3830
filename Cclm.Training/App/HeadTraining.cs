using TorchSharp;

namespace Cclm.Training.App;

/// <summary>Trains a head on the towers of a model folder, and the towers and the embedder with it unless they are kept as they are.</summary>
/// <param name="model">The model that the head is put on; it is not changed.</param>
/// <param name="output">Where the model that comes out is written; it may be the same where everything but the head is kept.</param>
/// <param name="terminal">Shows progress.</param>
sealed class HeadTraining(ModelFolder model, ModelFolder output, Terminal terminal)
{
    /// <summary>What stands for parts in <see cref="HeadJob.Freeze"/>.</summary>
    public const string Embedder = "embedder", AllTowers = "towers";

    /// <summary>Trains one head; the caller holds the lock of the folder that is written to.</summary>
    /// <exception cref="ArgumentException">The job can not be done with what is there.</exception>
    public TrainedTower Train(HeadJob job, TakeUp takeUp, CancellationToken cancellation) => job.Task.Use(new User(this, job, takeUp, cancellation));

    TrainedTower Train<T>(PretrainingTask<T> task, HeadJob job, TakeUp takeUp, CancellationToken cancellation)
    {
        var run = output.Run(PartTypes.CheckName(job.Name), new Dictionary<string, string>(job.Settings) { ["what is kept"] = string.Join(", ", job.Freeze.Order(StringComparer.Ordinal)) });
        var preprocessor = model.LoadPreprocessor();
        using var composed = model.LoadComposed(preprocessor, job.Towers);
        Freeze(composed, job.Freeze);
        CheckOutput(job, composed, run, takeUp);
        var (rows, train, heldOut, isHeldOut) = TaskData.Read(task, job, preprocessor.Options, terminal, cancellation);
        torch.random.manual_seed(job.Training.Seed);
        using var whole = new WholeModel(composed);
        using var tuner = task.Create(new(job.Name, preprocessor, composed, whole) { IsHeldOut = isHeldOut }, job.TaskOptions, rows);
        tuner.To(torch.device(job.Device));
        if (takeUp != TakeUp.Continue)
        {
            run.Clear();
        }
        var result = terminal.Train($"{job.Name}: {task.Name}", [tuner.On(train, [.. heldOut.Take(TaskData.EvaluatedWhileTraining)])], job.Training, run, cancellation);
        if (result.Cancelled)
        {
            return new(output.HeadFile(job.Name), result, null);
        }
        tuner.Save(output);
        run.MarkSaved(output.HeadFile(job.Name));
        return new(output.HeadFile(job.Name), result, tuner.Evaluate(heldOut, job.Training, cancellation));
    }

    /// <summary>What is there and would be lost is an error, not silence.</summary>
    void CheckOutput(HeadJob job, ComposedModel composed, RunFolder run, TakeUp takeUp)
    {
        var inPlace = Path.GetFullPath(output.Path) == Path.GetFullPath(model.Path);
        if (inPlace && !composed.Frozen)
        {
            throw new ArgumentException($"Other heads and towers stand on the parts in '{model.Path}', which are to be trained on. Pass --output another folder, or --freeze {Embedder} {AllTowers} to keep them.");
        }
        if (inPlace && model.TowerNames.Contains(job.Name))
        {
            throw new ArgumentException($"'{job.Name}' is a tower of '{model.Path}' already. Pass another --name.");
        }
        if (takeUp == TakeUp.Begin && (File.Exists(output.HeadFile(job.Name)) || run.Newest() is not null || (!inPlace && File.Exists(output.EmbedderFile))))
        {
            throw new ArgumentException($"There is a model or an interrupted run of '{job.Name}' in '{output.Path}' already. Pass --continue to go on with it, --replace to train it anew, or another folder or --name.");
        }
        if (takeUp == TakeUp.Continue && run.Newest() is null && (File.Exists(output.HeadFile(job.Name)) || (!inPlace && File.Exists(output.EmbedderFile))))
        {
            throw new ArgumentException($"There is a model of '{job.Name}' in '{output.Path}', and no run of it to go on with. Pass --replace to train it anew, or another folder or --name.");
        }
    }

    static void Freeze(ComposedModel composed, IReadOnlyList<string> names)
    {
        string[] known = [Embedder, AllTowers, .. composed.Towers.Select(tower => tower.Name)];
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
        {
            throw new ArgumentException($"There is no part '{stranger}' to keep as it is; there are {string.Join(", ", known.Select(name => $"'{name}'"))}.");
        }
        if (names.Contains(Embedder))
        {
            composed.Base.Freeze();
        }
        foreach (var (name, tower) in composed.Towers.Where(tower => names.Contains(AllTowers) || names.Contains(tower.Name)))
        {
            tower.Freeze();
        }
        if (composed.Base.Frozen && composed.Towers.All(tower => tower.Tower.Frozen))
        {
            composed.Freeze();
        }
    }

    sealed class User(HeadTraining training, HeadJob job, TakeUp takeUp, CancellationToken cancellation) : ITaskUser<TrainedTower>
    {
        public TrainedTower Use<T>(PretrainingTask<T> task) => training.Train(task, job, takeUp, cancellation);
    }
}
