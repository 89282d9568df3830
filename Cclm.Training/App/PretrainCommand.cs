using System.CommandLine;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary><c>cclm pretrain TASK</c>: trains a tower, and the embedder where there is none yet.</summary>
sealed class PretrainCommand : Command
{
    readonly PartTypes parts;
    readonly Terminal terminal;

    public PretrainCommand(PartTypes parts, TaskTypes tasks, Terminal terminal) : base("pretrain",
        """
        Train a tower on a task, and the embedder under it where there is none yet.

        Examples:
          cclm pretrain char-mask   --corpus text.txt   --model my-model
          cclm pretrain categorical --corpus labels.tsv --model my-model --name topic --steps 2000
        """)
    {
        (this.parts, this.terminal) = (parts, terminal);
        foreach (var task in tasks.All)
        {
            Add(new TaskCommand(this, task));
        }
    }

    /// <summary>One task, with the options that all have.</summary>
    sealed class TaskCommand : Command
    {
        readonly Option<DirectoryInfo> model = new("--model", "-m") { Required = true, Description = "Folder of the model in training; made where there is none." };
        readonly Option<string> name = new("--name", "-n") { Description = "The tower's name (lower-case letters, digits, underscores). Default: the task's." };
        readonly Option<string> tower = new("--tower") { DefaultValueFactory = _ => "transformer", Description = "The tower's type: transformer, or one of the application's own." };
        readonly Option<string?> towerOptions = new("--tower-options") { Description = """The tower's options as JSON. A transformer's, with their defaults: {"layers":2,"heads":8,"feedForward":256,"dropout":0.1,"norm":"pre"}.""" };
        readonly Option<string?> taskOptions = new("--task-options");
        readonly Option<string?> embedderOptions = new("--embedder-options") { Description = """A new embedder's options as JSON, with their defaults: {"characterWidth":32,"blocks":5,"filters":512,"globalFilters":128,"kernelSize":3,"dropout":0.25}.""" };
        readonly Option<int> maxLength = new("--max-length") { DefaultValueFactory = _ => new NewModel().Preprocessor.MaxLength, Description = "A new model's longest text, in characters." };
        readonly Option<bool> trainEmbedder = new("--train-embedder") { Description = "Train an embedder that other towers stand on too; they must then be trained again." };
        readonly Option<bool> replace = new("--replace") { Description = "Train a tower of this name anew where there is one." };
        readonly Option<bool> proceed = new("--continue") { Description = "Go on with an interrupted run as if it had not been; train a finished tower until --steps in all; begin where there is neither." };
        readonly Option<string> device = new Option<string>("--device") { DefaultValueFactory = _ => "auto", Description = "Where to train: cuda where there is one, or as said." }.Among(["auto", "cpu", "cuda"]);
        readonly Option<int?> threads = new("--threads") { Description = "Threads for matrix work. Default: the machine's cores." };
        readonly Option<bool> json = new("--json") { Description = "Print the result as JSON." };
        readonly CorpusArguments corpus;
        readonly TrainingArguments training;
        readonly PretrainCommand owner;
        readonly PretrainingTask task;

        public TaskCommand(PretrainCommand owner, PretrainingTask task) : base(task.Name,
            $"""
            {task.Description}

            Examples:
              cclm pretrain {task.Name} --corpus data.txt --model my-model
              cclm pretrain {task.Name} --corpus data.jsonl --text-column body --model my-model --name {task.TowerName}
              cclm pretrain {task.Name} --corpus data.txt --model my-model --continue --steps 5000
            """)
        {
            (this.owner, this.task) = (owner, task);
            taskOptions.Description = $"The task's options as JSON, with their defaults: {PartTypes.Write(Activator.CreateInstance(task.Options)!)}.";
            corpus = new(this);
            foreach (var option in (Option[])[model, name, tower, towerOptions, taskOptions, embedderOptions, maxLength, trainEmbedder, replace, proceed])
            {
                Add(option);
            }
            training = new(this);
            Add(device);
            Add(threads);
            Add(json);
            SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
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
            var folder = new ModelFolder(arguments.GetRequiredValue(model).FullName, owner.parts);
            using var alone = folder.Lock();
            torch.set_num_threads(arguments.GetValue(threads) ?? Environment.ProcessorCount);
            var job = new TowerJob
            {
                Name = arguments.GetValue(name) ?? task.TowerName,
                Task = task,
                TaskOptions = arguments.GetJson(taskOptions),
                Corpus = corpus.Read(arguments),
                Type = arguments.GetRequiredValue(tower),
                Options = arguments.GetJson(towerOptions),
                Training = training.Read(arguments),
                TrainEmbedder = arguments.GetValue(trainEmbedder),
                New = new() { Preprocessor = new() { MaxLength = arguments.GetValue(maxLength) }, Embedder = arguments.GetJson(embedderOptions) },
            };
            if (arguments.GetRequiredValue(device) is var asked and not "auto")
            {
                job = job with { Device = asked == "cpu" ? DeviceType.CPU : torch.cuda.is_available() ? DeviceType.CUDA : throw new ArgumentException("There is no CUDA device here that this build can train on. Build with -p:CclmGpu=true on a machine that has one, or pass --device cpu.") };
            }
            CheckSettled(arguments, folder, job);
            return Report(arguments, job, new TowerTraining(folder, owner.parts, owner.terminal).Train(job, takeUp, cancellation));
        }

        /// <summary>An option that says otherwise than what the model was begun with is an error, not silence.</summary>
        void CheckSettled(ParseResult arguments, ModelFolder folder, TowerJob job)
        {
            if (!File.Exists(folder.EmbedderFile))
            {
                return;
            }
            var preprocessor = folder.LoadPreprocessor();
            using var embedder = folder.LoadEmbedder(preprocessor);
            foreach (var (option, same) in ((Option, Func<bool>)[])
                [(maxLength, () => job.New.Preprocessor.MaxLength == preprocessor.Options.MaxLength),
                 (embedderOptions, () => job.New.EmbedderFor(preprocessor) == (embedder as ConvEmbedder)?.Options)])
            {
                if (arguments.GetResult(option) is { Implicit: false } && !same())
                {
                    throw new ArgumentException($"{option.Name} is not what '{folder.Path}' was begun with, and can not be changed there. Leave it out, or begin a new model.");
                }
            }
        }

        int Report(ParseResult arguments, TowerJob job, TrainedTower trained)
        {
            var result = trained.Result;
            if (arguments.GetValue(json))
            {
                Terminal.WriteJson(new { tower = job.Name, file = trained.File, result.Steps, result.Cancelled, result.BestStep, seconds = result.Elapsed.TotalSeconds, trained.HeldOut });
            }
            else if (!result.Cancelled)
            {
                Terminal.WriteLine($"Wrote {trained.File} after {result.Steps:N0} steps in {result.Elapsed.TotalSeconds:F0} s{(result.BestStep is { } best ? $"; the best weights were those of step {best:N0}" : "")}.");
                Terminal.WriteLine($"Held out: {trained.HeldOut}.");
            }
            if (result.Cancelled)
            {
                Terminal.Tell($"Interrupted at step {result.Steps:N0} of {job.Training.Steps:N0}; the run is saved. Go on with the same command and --continue{(arguments.GetValue(replace) ? $", without {replace.Name}" : "")}.");
                return ExitCode.Interrupted;
            }
            return ExitCode.Success;
        }
    }
}
