using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cclm.Training.Data;
using static TorchSharp.torch;

namespace Cclm.Training;

sealed partial class TrainingLoop
{
    void Save()
    {
        if (trained.Count > 0)
        {
            CheckWindow();          // what is saved can be gone on with
        }
        state = state with { Seconds = Seconds };
        if (ranks.Rank > 0)
        {
            return;                 // the first writes for all
        }
        folder?.Add(new(state, ((SafeTensor[])
        [
            .. TrainedWeights().Select(weight => Checkpoint.Save(weight.Key, weight.Value)),
            .. optimizer.State.Select(entry => Checkpoint.Save($"optimizer.{entry.Key}", entry.Value)),
            Checkpoint.Save("run.window", window), Checkpoint.Save("run.losses", losses.ToArray()),
            .. state.BestStep is null ? (SafeTensor[])[] : [Checkpoint.Save("run.best", best), .. statistics.Select(entry => Checkpoint.Save($"run.best.{entry.Key}", entry.Best))],
        ]).ToDictionary(tensor => tensor.Name)));
    }

    void Restore(Checkpoint checkpoint)
    {
        CheckSame(checkpoint.State);
        foreach (var (key, weight) in TrainedWeights())
        {
            checkpoint.Load(key, weight);
        }
        foreach (var (name, tensor) in optimizer.State)
        {
            checkpoint.Load($"optimizer.{name}", tensor);
        }
        checkpoint.Load("run.window", window);
        losses.AddRange(checkpoint.Load("run.losses"));
        if (checkpoint.State.BestStep is not null)
        {
            checkpoint.Load("run.best", best);
            foreach (var (key, _, kept) in statistics)
            {
                checkpoint.Load($"run.best.{key}", kept);
            }
        }
        using var frozen = no_grad();
        good.copy_(optimizer.Values);
        optimizer.Steps = checkpoint.State.Step;
        state = checkpoint.State with { Options = options };
        for (var step = state.Reported; step < state.Step; step++)
        {
            trained.Enqueue([]);        // their rows are not remembered
        }
    }

    /// <summary>Ranks that begin at different steps, or with other data, options or models, would add up gradients that do not belong together.</summary>
    void CheckRanks()
    {
        var all = string.Join('\n', [$"{state.Step}", $"{optimizer.Values.numel()}", JsonSerializer.Serialize(options), .. state.Identity.Select(entry => $"{entry.Key}: {entry.Value}")]);
        double hash = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
        if (ranks.Any(ranks.OfFirst(hash) != hash))
        {
            throw new InvalidDataException($"Rank {ranks.Rank} would train from step {state.Step:N0}, and not every rank the same as it: their data, options, versions or checkpoints differ. Start all with one command, on one file system, and no other run of this model beside them.");
        }
    }

    void CheckSame(RunState saved)
    {
        string[] differences =
        [
            .. saved.Identity.Keys.Union(state.Identity.Keys).Where(name => saved.Identity.GetValueOrDefault(name) != state.Identity.GetValueOrDefault(name))
                .Select(name => $"{name} was {saved.Identity.GetValueOrDefault(name, "nothing")} and is {state.Identity.GetValueOrDefault(name, "nothing")}"),
            .. TrainingOptions.Differences(saved.Options, options),
        ];
        if (differences.Length > 0)
        {
            throw new InvalidDataException($"The run in '{folder!.Path}' can not be gone on with: {string.Join("; ", differences)}. Go on with the options that it was begun with, all of them, or begin anew.");
        }
    }

    /// <summary>The weights of the parts that are trained, by the keys that a checkpoint has.</summary>
    IEnumerable<(string Key, Tensor Value)> TrainedWeights() => TrainedModules.SelectMany(part => part.Module.state_dict().Select(weight => ($"{part.Name}.{weight.Key}", weight.Value)));

    Dictionary<string, string> Identity() => new([.. tasks.SelectMany(IdentityOf), .. folder?.Settings ?? new Dictionary<string, string>()]);

    IEnumerable<KeyValuePair<string, string>> IdentityOf(TaskRun task) =>
        task.Pretrainer.Identity.Append(new("the first rows of the data", task.DataHash()))
            .Concat(tasks.Count == 1 ? [] : [new("the task's weight", $"{task.Weight}")])
            .Select(entry => tasks.Count == 1 ? entry : new($"{entry.Key} of {task.Pretrainer.Name}", entry.Value));
}
