using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.Recipes;

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
        readonly Option<string> tower = new("--tower") { DefaultValueFactory = _ => "transformer", Description = "The tower's type: transformer, strided, feed_forward, or one of the application's own." };
        readonly Option<string?> towerOptions = new("--tower-options"), embedderOptions = new("--embedder-options") { Description = $"A new embedder's options as JSON, with their defaults: {EmbedderDefaults()}." };
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
            towerOptions.Description = $"The tower's options as JSON, with their defaults: {string.Join("; ", parts.Towers.Select(type => $"of a {type} {PartTypes.WithDefaults(null, parts.OptionsOf(type), "options")}"))}.";
            foreach (var option in (Option[])[tower, towerOptions, embedderOptions, maxLength, trainEmbedder])
            {
                Add(option);
            }
        }

        static string EmbedderDefaults()
        {
            var defaults = (JsonObject)JsonSerializer.SerializeToNode(PartTypes.Write(new EmbedderOptions { Vocabulary = 1 }))!;
            defaults.Remove("vocabulary");      // the corpus' to say
            defaults.Remove("maxLength");       // an option of its own
            return defaults.ToJsonString();
        }

        protected override TrainedTower Train(ParseResult arguments, RankFolders folders, ModelFolder folder, TrainingJob job, TakeUp takeUp, CancellationToken cancellation)
        {
            var whole = new TowerJob(job)
            {
                Type = arguments.GetRequiredValue(tower),
                Options = arguments.GetJson(towerOptions),
                TrainEmbedder = arguments.GetValue(trainEmbedder),
                New = new() { Preprocessor = new() { MaxLength = arguments.GetValue(maxLength) }, Embedder = arguments.GetJson(embedderOptions) },
            };
            parts.CheckTower(whole.Type, whole.Options);
            using var alone = folder.Lock();
            if (Begun(folder, job.Name, takeUp) is { } begun)
            {
                CheckSettled(arguments, folder, whole, begun);
                whole = begun.Of(whole);
            }
            return new TowerTraining(folder, parts, terminal).Train(whole, takeUp, cancellation);
        }

        /// <summary>What a run to go on with was begun with, or else the embedder that there is; null where there is neither.</summary>
        RunModel? Begun(ModelFolder folder, string name, TakeUp takeUp)
        {
            var run = folder.Run(name);
            if (takeUp == TakeUp.Continue && run.IsSavedAs(folder.TowerFile(name)) != false && run.Newest()?.State.Model is { } model)
            {
                return model;
            }
            if (!File.Exists(folder.EmbedderFile))
            {
                return null;
            }
            var preprocessor = folder.LoadPreprocessor();
            using var embedder = folder.LoadEmbedder(preprocessor);
            return new(preprocessor.Options.MaxLength, parts.Describe(embedder), Tower: null);
        }

        /// <summary>An option that says otherwise than what was begun is an error, not silence.</summary>
        void CheckSettled(ParseResult arguments, ModelFolder folder, TowerJob job, RunModel begun)
        {
            foreach (var (option, before, now) in ((Option, object?, Func<object>)[])
                [(maxLength, begun.MaxLength, () => job.New.Preprocessor.MaxLength),
                 (embedderOptions, begun.EmbedderOptions() ?? (object)begun.Embedder.Type, () => begun.WithDefaults(job.New.Embedder)),
                 (tower, begun.Tower?.Type, () => job.Type),
                 (towerOptions, begun.Tower?.Options, () => PartTypes.WithDefaults(job.Options, parts.OptionsOf(begun.Tower!.Type), $"options of a tower '{begun.Tower.Type}'"))])
            {
                if (before is not null && arguments.GetResult(option) is { Implicit: false }
                    && Differences.Between(JsonSerializer.SerializeToNode(before), JsonSerializer.SerializeToNode(now()), option.Name).ToList() is { Count: > 0 } differences)
                {
                    throw new ArgumentException($"'{folder.Path}' was begun otherwise: {string.Join("; ", differences)}. That can not be changed there: leave {option.Name} out, or begin a new model.");
                }
            }
        }
    }
}
