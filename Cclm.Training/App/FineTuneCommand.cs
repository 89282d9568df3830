using System.CommandLine;

namespace Cclm.Training.App;

/// <summary><c>cclm finetune TASK</c>: trains a head on all towers of a model, and the towers with it.</summary>
sealed class FineTuneCommand : Command
{
    public FineTuneCommand(PartTypes parts, TaskTypes tasks, Terminal terminal) : base("finetune",
        """
        Put a head on the towers of a model and train it on a task: with the towers and the embedder, or with them kept as they are.

        Examples:
          cclm finetune categorical --corpus labels.tsv --model my-model --name sentiment --freeze embedder towers
          cclm finetune categorical --corpus labels.tsv --model my-model --name sentiment --output tuned --learning-rate 3e-4 --depth-decay 0.4
        """)
    {
        foreach (var task in tasks.All)
        {
            Add(new FineTune(task, parts, terminal));
        }
    }

    sealed class FineTune : TaskCommand
    {
        readonly Option<DirectoryInfo?> output = new("--output", "-o") { Description = "Folder for the model that comes out. Default: the model's own, where everything but the head is kept." };
        readonly Option<string[]> towers = new("--towers") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "Towers that the head reads. Default: all, by name." };
        readonly Option<string[]> freeze = new("--freeze") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "What is kept as it is: embedder, towers, or names of towers. Default: nothing." };

        readonly Terminal terminal;

        public FineTune(PretrainingTask task, PartTypes parts, Terminal terminal) : base(task, parts,
            $"""
            {task.Description}

            Examples:
              cclm finetune {task.Name} {task.CorpusExample} --model my-model --name my_{task.TowerName} --freeze embedder towers
              cclm finetune {task.Name} {task.CorpusExample} --model my-model --name my_{task.TowerName} --output tuned --depth-decay 0.4 --unfreeze-every 200
            """, "Folder of the model in training whose towers the head is put on.", "The head's name (lower-case letters, digits, underscores). Default: the task's.")
        {
            this.terminal = terminal;
            Add(output);
            Add(towers);
            Add(freeze);
        }

        protected override TrainedTower Train(ParseResult arguments, RankFolders folders, ModelFolder folder, TrainingJob job, TakeUp takeUp, CancellationToken cancellation)
        {
            var target = arguments.GetValue(output) is { } path ? folders.Open(path) : folder;
            using var alone = target.Lock();
            return new HeadTraining(folder, target, terminal).Train(
                new(job) { Towers = arguments.GetRequiredValue(towers), Freeze = arguments.GetRequiredValue(freeze) }, takeUp, cancellation);
        }
    }
}
