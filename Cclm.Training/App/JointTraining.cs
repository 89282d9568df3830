using Cclm.Inference;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary>Trains several towers in one run, and the embedder that they stand on with them.</summary>
/// <param name="folder">The model's folder, with a preprocessor.</param>
/// <param name="parts">The classes of parts.</param>
/// <param name="terminal">Shows progress.</param>
sealed class JointTraining(ModelFolder folder, PartTypes parts, Terminal terminal)
{
    /// <summary>The run's name in the model's folder; no tower can have it.</summary>
    public const string RunName = "embedder-together";

    /// <summary>Trains the towers, or goes on with the run; the caller holds the folder's lock.</summary>
    /// <param name="jobs">The towers, each with how often it is trained beside the others. How they are trained is what <paramref name="options"/> say.</param>
    /// <param name="options">How; steps are counted over all towers.</param>
    /// <param name="cancellation">Stops the run; what was learned is kept.</param>
    /// <returns>How the run ended, and what each tower reached on its held-out texts; nothing where it was stopped.</returns>
    /// <exception cref="ArgumentException">A job can not be done with what is there.</exception>
    public (TrainingResult Result, IReadOnlyDictionary<string, Evaluation>? HeldOut) Train(IReadOnlyList<(TowerJob Job, double Weight)> jobs, TrainingOptions options, CancellationToken cancellation)
    {
        torch.random.manual_seed(options.Seed);
        var preprocessor = folder.LoadPreprocessor();
        using var embedder = new ConvEmbedder(jobs[0].Job.New.EmbedderFor(preprocessor), preprocessor.Vocabulary);
        var members = new List<Member>();
        try
        {
            members.AddRange(jobs.Select(job => job.Job.Task.Use(new User(this, job.Job, job.Weight, preprocessor, embedder, cancellation))));
            members.ForEach(member => member.Pretrainer.To(torch.device(jobs[0].Job.Device)));
            var run = folder.Run(RunName, Settings(jobs));
            var result = terminal.Train(string.Join(", ", jobs.Select(job => job.Job.Name)), [.. members.Select(member => member.Run)], options, run, cancellation);
            if (result.Cancelled)
            {
                return (result, null);
            }
            members.ForEach(member => member.Pretrainer.Save(folder));
            return (result, members.ToDictionary(member => member.Pretrainer.Name, member => member.Measure(options)));
        }
        finally
        {
            members.ForEach(member => member.Dispose());
        }
    }

    static Dictionary<string, string> Settings(IReadOnlyList<(TowerJob Job, double Weight)> jobs) =>
        jobs.SelectMany(job => job.Job.Settings.Append(new("the weight", $"{job.Weight}")).Select(setting => KeyValuePair.Create($"{setting.Key} of '{job.Job.Name}'", setting.Value))).ToDictionary();

    /// <summary>One tower of the run.</summary>
    sealed record Member(Tower Tower, Pretrainer Pretrainer, TaskRun Run, Func<TrainingOptions, Evaluation> Measure) : IDisposable
    {
        public void Dispose()
        {
            Pretrainer.Dispose();
            Tower.Dispose();
        }
    }

    Member Open<T>(PretrainingTask<T> task, TowerJob job, double weight, Preprocessor preprocessor, Embedder embedder, CancellationToken cancellation)
    {
        Terminal.Tell($"{job.Name}: {task.Name}");
        var (rows, train, heldOut, isHeldOut) = TaskData.Read(task, job, preprocessor.Options, terminal, cancellation);
        var tower = parts.MakeTower(job.Type, embedder, job.Options);
        var pretrainer = task.Create(new(PartTypes.CheckName(job.Name), preprocessor, embedder, tower) { IsHeldOut = isHeldOut }, job.TaskOptions, rows);
        var run = pretrainer.On(train, [.. heldOut.Take(TaskData.EvaluatedWhileTraining)], weight);
        return new(tower, pretrainer, run, options => pretrainer.Evaluate(heldOut, options, cancellation));
    }

    sealed class User(JointTraining training, TowerJob job, double weight, Preprocessor preprocessor, Embedder embedder, CancellationToken cancellation) : ITaskUser<Member>
    {
        public Member Use<T>(PretrainingTask<T> task) => training.Open(task, job, weight, preprocessor, embedder, cancellation);
    }
}
