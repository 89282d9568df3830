using Cclm.Training;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>A process that dies at any instant loses what it did since its last checkpoint, and nothing else.</summary>
public sealed class KillTests
{
    /// <summary>How often a training is killed: <c>CCLM_KILLS</c>, or enough to see that it works.</summary>
    static int Kills => int.Parse(Environment.GetEnvironmentVariable("CCLM_KILLS") ?? "8", System.Globalization.CultureInfo.InvariantCulture);

    static readonly string[] Files = ["preprocessor.json", "embedder.safetensors", "towers/char_mask.safetensors", "heads/char_mask.safetensors"];

    [Test]
    public async Task ATrainingThatIsKilledAgainAndAgainEndsAsOneThatIsNot()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["text.txt"], Enumerable.Range(0, 300).Select(i => $"line {i * 7919 % 1000} of a text about {(i % 3 == 0 ? "everything" : "nothing much")}"));
        string[] Command(string model) =>
        [
            "pretrain", "char-mask", "--corpus", folder["text.txt"], "--model", folder[model], "--continue", "--threads", "1", "--steps", "260", "--checkpoint-every", "15",
            "--embedder-options", """{"blocks":1,"filters":16,"globalFilters":4}""", "--tower-options", """{"heads":2,"feedForward":16}""", "--max-length", "40", "--average-decay", "0.9", "--evaluate-every", "100",
        ];
        var (exit, _, errors) = await Cli.RunAsync(Command("whole"));
        Assert.That(exit, Is.Zero, errors);
        var (random, kills, whole, runs) = (new Random(1), 0, 0, 0);
        for (; kills < Kills; runs++)
        {
            var model = $"killed-{runs}";
            while (await Cli.KillAsync(TimeSpan.FromSeconds(0.2 + (3 * random.NextDouble())), Command(model)))
            {
                kills++;
                var checkpoints = Directory.Exists(folder[$"{model}/runs/char_mask/checkpoints"]) ? Directory.GetFiles(folder[$"{model}/runs/char_mask/checkpoints"], "*.safetensors") : [];
                Assert.That(() => Array.ForEach(checkpoints, file => Checkpoint.Read(file)), Throws.Nothing, "Each checkpoint that has its name is whole.");
                whole += checkpoints.Length;
            }
            foreach (var file in Files)
            {
                Assert.That(File.ReadAllBytes(folder[$"{model}/{file}"]), Is.EqualTo(File.ReadAllBytes(folder[$"whole/{file}"])), $"{file} after {kills} kills");
            }
            Assert.That(Directory.GetFileSystemEntries(folder[model], ".*.tmp"), Is.Empty, "What was half written is cleared away.");
            Assert.That(RunLog.Read(folder[$"{model}/runs/char_mask/metrics.jsonl"]).Select(report => report.Step), Is.EqualTo(RunLog.Read(folder["whole/runs/char_mask/metrics.jsonl"]).Select(report => report.Step)));
            Directory.Delete(folder[model], recursive: true);
        }
        TestContext.Out.WriteLine($"{kills} kills in {runs} runs, each of which ended with the same bytes; {whole} checkpoints were found and whole.");
    }
}
