using System.CommandLine;

namespace Cclm.Training.App;

/// <summary><c>cclm pretrain TASK</c>: trains a tower, and the embedder where there is none yet.</summary>
sealed class PretrainCommand : Command
{
    public PretrainCommand(PartTypes parts, TaskTypes tasks, Terminal terminal) : base("pretrain",
        """
        Train a tower on a task, and the embedder under it where there is none yet.

        Examples:
          cclm pretrain char-mask   --corpus text.txt   --model my-model
          cclm pretrain categorical --corpus labels.tsv --model my-model --name topic --steps 2000
        """)
    {
        foreach (var task in tasks.All)
        {
            Add(new Pretrain(task, parts, terminal));
        }
    }

    sealed class Pretrain : TaskCommand
    {
        readonly Option<string> tower = new("--tower") { DefaultValueFactory = _ => "transformer", Description = "The tower's type: transformer, strided, or one of the application's own." };
        readonly Option<string?> towerOptions = new("--tower-options") { Description = """The tower's options as JSON. A transformer's, with their defaults: {"layers":2,"heads":8,"feedForward":256,"dropout":0.1,"norm":"pre"}.""" };
        readonly Option<string?> embedderOptions = new("--embedder-options") { Description = """A new embedder's options as JSON, with their defaults: {"characterWidth":32,"blocks":5,"filters":512,"globalFilters":128,"kernelSize":3,"dropout":0.25}.""" };
        readonly Option<int> maxLength = new("--max-length") { DefaultValueFactory = _ => new NewModel().Preprocessor.MaxLength, Description = "A new model's longest text, in characters." };
        readonly Option<bool> trainEmbedder = new("--train-embedder") { Description = "Train an embedder that other towers stand on too; they must then be trained again." };

        readonly PartTypes parts;
        readonly Terminal terminal;

        public Pretrain(PretrainingTask task, PartTypes parts, Terminal terminal) : base(task, parts,
            $$"""
            {{task.Description}}

            Examples:
              cclm pretrain {{task.Name}} {{task.CorpusExample}} --model my-model
              cclm pretrain {{task.Name}} {{task.CorpusExample}} --model my-model --name {{task.TowerName}}_large --tower-options '{"layers":4}'
              cclm pretrain {{task.Name}} {{task.CorpusExample}} --model my-model --continue --steps 5000
            """, "Folder of the model in training; made where there is none.", "The tower's name (lower-case letters, digits, underscores). Default: the task's.")
        {
            (this.parts, this.terminal) = (parts, terminal);
            foreach (var option in (Option[])[tower, towerOptions, embedderOptions, maxLength, trainEmbedder])
            {
                Add(option);
            }
        }

        protected override TrainedTower Train(ParseResult arguments, ModelFolder folder, TrainingJob job, TakeUp takeUp, CancellationToken cancellation)
        {
            using var alone = folder.Lock();
            var whole = new TowerJob(job)
            {
                Type = arguments.GetRequiredValue(tower),
                Options = arguments.GetJson(towerOptions),
                TrainEmbedder = arguments.GetValue(trainEmbedder),
                New = new() { Preprocessor = new() { MaxLength = arguments.GetValue(maxLength) }, Embedder = arguments.GetJson(embedderOptions) },
            };
            CheckSettled(arguments, folder, whole);
            return new TowerTraining(folder, parts, terminal).Train(whole, takeUp, cancellation);
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
            foreach (var (option, begun, same) in ((Option, string, Func<bool>)[])
                [(maxLength, $"{preprocessor.Options.MaxLength}", () => job.New.Preprocessor.MaxLength == preprocessor.Options.MaxLength),
                 (embedderOptions, $"{parts.Describe(embedder).Options}", () => job.New.EmbedderFor(preprocessor) == (embedder as ConvEmbedder)?.Options)])
            {
                if (arguments.GetResult(option) is { Implicit: false } && !same())
                {
                    throw new ArgumentException($"{option.Name} is not what '{folder.Path}' was begun with, {begun}, and can not be changed there. Leave it out, or begin a new model.");
                }
            }
        }
    }
}
