using System.CommandLine;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary>A command that trains on one task, with the options that all such commands have.</summary>
abstract class TaskCommand : Command
{
    readonly Option<DirectoryInfo> model = new("--model", "-m") { Required = true };
    readonly Option<string> name = new("--name", "-n");
    readonly Option<string?> taskOptions = new("--task-options");
    readonly Option<bool> replace = new("--replace") { Description = "Train anew what there is of this name." };
    readonly Option<bool> proceed = new("--continue") { Description = "Go on with an interrupted run as if it had not been; train a finished one until --steps in all; begin where there is neither." };
    readonly Option<string> device = new Option<string>("--device") { DefaultValueFactory = _ => "auto", Description = "Where to train: cuda where there is one, or as said." }.Among(["auto", "cpu", "cuda"]);
    readonly ThreadsOption threads = new("Threads that a batch's texts are dealt to. Default: the machine's cores.");
    readonly Option<bool> mpi = new("--mpi") { Description = "Train together with the other processes that mpirun or srun started; each does its share of a step's batches (--accumulate)." };
    readonly Option<string?> mpiLibrary = new("--mpi-library") { Description = "MPI's library, where the one that is found is not the one that started the processes." };
    readonly Option<bool> json = new("--json") { Description = "Print the result as JSON." };
    readonly CorpusArguments corpus;
    readonly TrainingArguments training;
    readonly PretrainingTask task;
    readonly PartTypes parts;

    /// <param name="task">The task.</param>
    /// <param name="parts">The classes of parts.</param>
    /// <param name="description">What the command does, with examples.</param>
    /// <param name="modelDescription">What the model's folder is.</param>
    /// <param name="nameDescription">What is named.</param>
    protected TaskCommand(PretrainingTask task, PartTypes parts, string description, string modelDescription, string nameDescription) : base(task.Name, description)
    {
        (this.task, this.parts) = (task, parts);
        (model.Description, name.Description) = (modelDescription, nameDescription);
        taskOptions.Description = $"The task's options as JSON, with their defaults: {PartTypes.Write(Activator.CreateInstance(task.Options)!)}.";
        corpus = new(this);
        foreach (var option in (Option[])[model, name, taskOptions, replace, proceed])
        {
            Add(option);
        }
        training = new(this);
        Add(device);
        Add(threads);
        Add(mpi);
        Add(mpiLibrary);
        Add(json);
        SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
    }

    /// <summary>Trains, under the lock of the folder that is written to.</summary>
    protected abstract TrainedTower Train(ParseResult arguments, RankFolders folders, ModelFolder folder, TrainingJob job, TakeUp takeUp, CancellationToken cancellation);

    TrainingJob Job(ParseResult arguments)
    {
        var job = new TrainingJob
        {
            Name = arguments.GetValue(name) ?? task.TowerName,
            Task = task,
            TaskOptions = arguments.GetJson(taskOptions),
            Corpus = corpus.Read(arguments),
            Training = training.Read(arguments),
        };
        task.CheckOptions(job.TaskOptions);
        job.Training.Check();               // before a large corpus is read
        return arguments.GetRequiredValue(device) switch
        {
            "auto" => job,
            "cpu" => job with { Device = DeviceType.CPU },
            _ => torch.cuda.is_available() ? job with { Device = DeviceType.CUDA } : throw new ArgumentException("There is no CUDA device here that this build can train on. Build with -p:CclmGpu=true on a machine that has one, or pass --device cpu."),
        };
    }

    int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var takeUp = (arguments.GetValue(proceed), arguments.GetValue(replace)) switch
        {
            (true, true) => throw new ArgumentException($"{proceed.Name} and {replace.Name} say the opposite of each other; give one of them."),
            (true, _) => TakeUp.Continue,
            (_, true) => TakeUp.Replace,
            _ => TakeUp.Begin,
        };
        torch.set_num_threads(threads.Of(arguments));
        if (!arguments.GetValue(mpi))
        {
            return MpiLaunch.Count is > 1 and var count
                ? throw new ArgumentException($"This is one of {count} processes that were started together, which would all train alone. Pass {mpi.Name} to train together, or start one.")
                : Train(arguments, takeUp, cancellation);
        }
        var messages = Console.Error;
        return MpiRanks.Run(ranks =>
        {
            if (ranks.Rank > 0)         // the first speaks for all
            {
                Console.SetOut(TextWriter.Null);
                Console.SetError(TextWriter.Null);
            }
            return Train(arguments, takeUp, cancellation);
        }, error =>
        {
            Console.SetError(messages);
            return Terminal.Fail(error);
        }, arguments.GetValue(mpiLibrary));
    }

    int Train(ParseResult arguments, TakeUp takeUp, CancellationToken cancellation)
    {
        var job = Job(arguments);
        using var folders = new RankFolders(Ranks.Current, parts);
        return Report(arguments, Train(arguments, folders, folders.Open(arguments.GetRequiredValue(model)), job, takeUp, cancellation));
    }

    int Report(ParseResult arguments, TrainedTower trained)
    {
        var result = trained.Result;
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(new { tower = Path.GetFileNameWithoutExtension(trained.File), file = trained.File, result.Steps, result.Cancelled, result.BestStep, seconds = result.Elapsed.TotalSeconds, trained.HeldOut });
        }
        else if (!result.Cancelled)
        {
            Terminal.WriteLine($"{(trained.WasDone ? "Nothing to do: there is" : "Wrote")} {trained.File} after {result.Steps:N0} steps in {result.Elapsed.TotalSeconds:F0} s{(result.BestStep is { } best ? $"; the best weights were those of step {best:N0}" : "")}.");
            Terminal.WriteLine($"Held out: {trained.HeldOut}.");
        }
        if (result.Cancelled)
        {
            Terminal.Tell($"Interrupted at step {result.Steps:N0} of {training.Read(arguments).Steps:N0}; the run is saved. Go on with the same command and --continue{(arguments.GetValue(replace) ? $", without {replace.Name}" : "")}.");
            return ExitCode.Interrupted;
        }
        return ExitCode.Success;
    }
}
