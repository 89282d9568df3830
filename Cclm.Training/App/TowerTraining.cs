using Cclm.Inference;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary>What came of a tower's training.</summary>
/// <param name="File">Where the tower is; nothing is there of a run that was interrupted before its end.</param>
/// <param name="Result">How the run ended.</param>
/// <param name="HeldOut">Measured on held-out texts; null where the run was interrupted.</param>
/// <param name="WasDone">Whether there was nothing left to train.</param>
sealed record TrainedTower(string File, TrainingResult Result, Evaluation? HeldOut, bool WasDone = false);

/// <summary>Trains the towers of a model folder, and its embedder with the first.</summary>
sealed class TowerTraining(ModelFolder folder, PartTypes parts, Terminal terminal)
{
    /// <summary>Trains one tower; the caller holds the folder's lock.</summary>
    /// <exception cref="ArgumentException">The job can not be done with what is there.</exception>
    public TrainedTower Train(TowerJob job, TakeUp takeUp, CancellationToken cancellation)
    {
        CheckName(job, takeUp);
        return job.Task.Use(new User(this, job, takeUp, cancellation));
    }

    void CheckName(TowerJob job, TakeUp takeUp)
    {
        PartTypes.CheckName(job.Name);
        if (takeUp == TakeUp.Begin && folder.TowerNames.Contains(job.Name))
        {
            throw new ArgumentException($"'{folder.TowerFile(job.Name)}' is there already. Pass --continue to train it further, --replace to train it anew, or another --name.");
        }
        if (takeUp == TakeUp.Begin && folder.Run(job.Name).Newest() is { } interrupted)
        {
            throw new ArgumentException($"'{folder.Run(job.Name).Path}' holds a run that was interrupted at step {interrupted.State.Step:N0}. Pass --continue to go on with it, --replace to begin anew, or another --name.");
        }
    }

    TrainedTower Train<T>(PretrainingTask<T> task, TowerJob job, TakeUp takeUp, CancellationToken cancellation)
    {
        torch.random.manual_seed(job.Training.Seed);
        var given = File.Exists(folder.PreprocessorFile) ? folder.LoadPreprocessor() : null;
        var (rows, train, heldOut, isHeldOut) = TaskData.Read(task, job, given?.Options ?? job.New.Preprocessor, terminal, cancellation);
        var preprocessor = given ?? new Preprocessor(Vocabulary.Fit(train.Read().Select(row => task.TextOf(row.Row)), job.New.Vocabulary), job.New.Preprocessor);
        using var embedder = File.Exists(folder.EmbedderFile) ? folder.LoadEmbedder(preprocessor) : new ConvEmbedder(job.New.EmbedderFor(preprocessor), preprocessor.Vocabulary);
        var (run, plan) = Plan(job, takeUp);
        using var tower = plan == RunPlan.FromWeights ? folder.LoadTower(job.Name, embedder) : parts.MakeTower(job.Type, embedder, job.Options);
        CheckSame(job, tower, embedder);
        using var pretrainer = task.Create(new(job.Name, preprocessor, embedder, tower) { IsHeldOut = isHeldOut }, job.TaskOptions, rows);
        pretrainer.To(torch.device(job.Device));
        if (plan == RunPlan.FromWeights)
        {
            pretrainer.Load(folder);
        }
        if (!TrainsEmbedder(job, run, plan))
        {
            pretrainer.Freeze(Parts.Embedder);
        }
        if (plan is RunPlan.Begin or RunPlan.FromWeights)
        {
            run.Clear();
        }
        run.Model = new(preprocessor.Options.MaxLength, parts.Describe(embedder), parts.Describe(tower));
        var result = terminal.Train($"{job.Name}: {task.Name}", [pretrainer.On(train, [.. heldOut.Take(TaskData.EvaluatedWhileTraining)])], job.Training, run, cancellation);
        if (result.Cancelled)
        {
            return new(folder.TowerFile(job.Name), result, null);
        }
        if (plan != RunPlan.Nothing)
        {
            pretrainer.Save(folder);
            run.MarkSaved(folder.TowerFile(job.Name));
        }
        return new(folder.TowerFile(job.Name), result, pretrainer.Evaluate(heldOut, job.Training, cancellation), WasDone: plan == RunPlan.Nothing);
    }

    /// <summary>What is to be done with what is there of a tower and its run. The run decides: it has all that the files have, and they may be half changed.</summary>
    (RunFolder Run, RunPlan Plan) Plan(TowerJob job, TakeUp takeUp)
    {
        var run = folder.Run(job.Name, job.Settings);
        var state = takeUp == TakeUp.Continue ? run.Newest()?.State : null;
        var saved = run.IsSavedAs(folder.TowerFile(job.Name));
        if (state is not null && saved is null)
        {
            return (run, RunPlan.TakeUp);
        }
        if (state is not null && saved == true && (state with { Options = job.Training }).Finished)
        {
            return (run, RunPlan.Nothing);
        }
        if (state is not null && saved == true && (!state.TrainsEmbedder || job.TrainEmbedder || folder.TowerNames.Count == 1))
        {
            return (run, RunPlan.TakeUp);
        }
        return (run, takeUp == TakeUp.Continue && folder.TowerNames.Contains(job.Name) ? RunPlan.FromWeights : RunPlan.Begin);
    }

    /// <summary>An embedder is trained with its first tower, and with others where that is asked for.</summary>
    bool TrainsEmbedder(TowerJob job, RunFolder run, RunPlan plan) => plan is RunPlan.TakeUp or RunPlan.Nothing
        ? run.Newest()!.State.TrainsEmbedder
        : !File.Exists(folder.EmbedderFile) || job.TrainEmbedder || (plan == RunPlan.FromWeights && folder.TowerNames.Count == 1);

    /// <summary>A tower that is trained on stays what it is: an option that says otherwise is an error, not silence.</summary>
    void CheckSame(TowerJob job, Tower tower, Embedder embedder)
    {
        using var made = parts.MakeTower(job.Type, embedder, job.Options);
        var (found, asked) = (parts.Describe(tower), parts.Describe(made));
        if (found.Type != asked.Type || found.Options.ToString() != asked.Options.ToString())
        {
            throw new ArgumentException($"Tower '{job.Name}' is a {found.Type} with {found.Options}; a {asked.Type} with {asked.Options} is asked for (--tower, --tower-options). Ask for what it is, or train it anew (--replace).");
        }
    }

    sealed class User(TowerTraining training, TowerJob job, TakeUp takeUp, CancellationToken cancellation) : ITaskUser<TrainedTower>
    {
        public TrainedTower Use<T>(PretrainingTask<T> task) => training.Train(task, job, takeUp, cancellation);
    }

    enum RunPlan
    {
        /// <summary>A run from new weights.</summary>
        Begin,

        /// <summary>A run from the weights of the tower there is.</summary>
        FromWeights,

        /// <summary>The run goes on, and its end is saved.</summary>
        TakeUp,

        /// <summary>The run is over, and its tower is what is there.</summary>
        Nothing,
    }
}
