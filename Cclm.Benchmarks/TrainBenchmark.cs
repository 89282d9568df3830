using System.Diagnostics;
using System.Globalization;
using Cclm.Training;

namespace Cclm.Benchmarks;

/// <summary>Training of the reference model beside PyTorch, each in a process of its own, in turns; with the machine's own peak, in the same minutes.</summary>
/// <remarks><c>--torch COMMAND</c> says how a Python that has PyTorch is started (default <c>python3</c>); <c>--rounds N</c>, five without it.</remarks>
static class TrainBenchmark
{
    const int Warm = 3;

    public static void Run(string[] options)
    {
        if (Measure.Option(options, "--as") is { } role)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(role == "peak" ? Peak(options) : Train(options))} {Measure.PeakMegabytes()}"));
            return;
        }
        var torch = (Measure.Option(options, "--torch") ?? "python3").Split(' ');
        var rounds = int.Parse(Measure.Option(options, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        foreach (var (rows, steps) in new[] { (32, 15), (4, 60), (1, 120) })
        {
            string Ours(string precision) => Measure.Again("train", "--as", "train", "--precision", precision, "--rows", $"{rows}", "--steps", $"{steps}");
            string Theirs(string precision) => Measure.InAProcess(torch[0], [.. torch[1..], "-c", Python, precision, $"{rows}", $"{steps}"]);
            Compare(rows, rounds,
                ("ours, float32", () => Ours("Float32")), ("ours, bfloat16", () => Ours("BFloat16")),
                ("PyTorch, float32", () => Theirs("float32")), ("PyTorch, bfloat16", () => Theirs("bfloat16")));
        }
        Console.WriteLine("\n| 2,048 x 2,048 x 2,048 product | GFLOP/s |\n|---|---|");
        foreach (var precision in Enum.GetNames<Precision>())
        {
            Console.WriteLine($"| {precision} | {Measure.Median(Enumerable.Range(0, rounds).Select(_ => First(Measure.Again("train", "--as", "peak", "--precision", precision)))):F0} |");
        }
    }

    static void Compare(int rows, int rounds, params (string Name, Func<string> Run)[] sides)
    {
        var said = sides.Select(_ => new List<string>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var side = 0; side < sides.Length; side++)
            {
                said[side].Add(sides[side].Run());
            }
        }
        var times = said.Select(lines => lines.Select(First).ToArray()).ToArray();
        Console.WriteLine($"\n| batch of {rows} x {ReferenceModel.Length}: steps | ms, median of {rounds} | spread | characters/s | of PyTorch, float32 | of PyTorch, bfloat16 | most memory, MB |\n|---|---|---|---|---|---|---|");
        for (var side = 0; side < sides.Length; side++)
        {
            string Ratio(int of) => $"{Measure.Median(times[of].Zip(times[side], (their, our) => their / our)):F2}x";
            var time = Measure.Median(times[side]);
            Console.WriteLine($"| {sides[side].Name} | {time:F1} | {times[side].Min():F1} to {times[side].Max():F1} | {rows * ReferenceModel.Length / time * 1000:N0} | {Ratio(2)} | {Ratio(3)} | " +
                $"{Measure.Median(said[side].Select(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))):F0} |");
        }
    }

    static double First(string line) => double.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Milliseconds of a step.</summary>
    static double Train(string[] options)
    {
        var steps = int.Parse(Measure.Option(options, "--steps")!, CultureInfo.InvariantCulture);
        using var model = new ReferenceModel();
        var clock = new Stopwatch();
        model.Train(model.Batch(int.Parse(Measure.Option(options, "--rows")!, CultureInfo.InvariantCulture)), Enum.Parse<Precision>(Measure.Option(options, "--precision")!), Warm + steps, step =>
        {
            if (step == Warm)
            {
                clock.Start();
            }
        });
        return clock.Elapsed.TotalMilliseconds / steps;
    }

    /// <summary>GFLOP/s of a large product of matrices.</summary>
    static double Peak(string[] options)
    {
        const int Size = 2_048, Times = 10;
        var type = Enum.Parse<Precision>(Measure.Option(options, "--precision")!) == Precision.BFloat16 ? TorchSharp.torch.ScalarType.BFloat16 : TorchSharp.torch.ScalarType.Float32;
        using var a = TorchSharp.torch.rand(Size, Size).to(type);
        using var b = TorchSharp.torch.rand(Size, Size).to(type);
        using var c = TorchSharp.torch.zeros(Size, Size, type);
        var times = Measure.InTurns(Times, () => TorchSharp.torch.matmul(a, b).Dispose())[0];
        return 2.0 * Size * Size * Size / times.Min() / 1e9;
    }

    /// <summary>What a Python user writes.</summary>
    const string Python = """
        import resource, sys, time
        import torch, torch.nn as nn, torch.nn.functional as F
        precision, rows, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        vocabulary, length, width, filters, summary, heads, inner = 128, 256, 32, 128, 32, 8, 256
        class Block(nn.Module):
            def __init__(self, inputs):
                super().__init__()
                self.conv1, self.conv2 = nn.Conv1d(inputs, filters, 3, padding=1), nn.Conv1d(filters, filters, 3, padding=1)
                self.conv3 = nn.Conv1d(filters + summary, filters, 3, padding=1)
                self.summary, self.dropout = nn.Linear(filters, summary), nn.Dropout(0.25)
            def forward(self, x):
                x = F.leaky_relu(self.conv1(x), 0.1)
                y = F.leaky_relu(self.conv2(self.dropout(x)), 0.1)
                whole = F.relu(self.summary(y.amax(2)))[:, :, None].expand(-1, -1, y.shape[2])
                return x + F.leaky_relu(self.conv3(torch.cat([y, whole], 1)), 0.1)
        class Layer(nn.Module):
            def __init__(self):
                super().__init__()
                self.qkv, self.output, self.up, self.down = nn.Linear(filters, 3 * filters), nn.Linear(filters, filters), nn.Linear(filters, inner), nn.Linear(inner, filters)
                self.norm1, self.norm2, self.dropout = nn.LayerNorm(filters), nn.LayerNorm(filters), nn.Dropout(0.1)
            def forward(self, x):
                q, k, v = self.qkv(self.norm1(x)).view(rows, length, 3, heads, filters // heads).permute(2, 0, 3, 1, 4)
                mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
                x = x + self.dropout(self.output(mixed))
                return x + self.dropout(self.down(F.relu(self.up(self.norm2(x)))))
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.characters, self.positions, self.tower_positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width), nn.Embedding(length, filters)
                self.blocks = nn.Sequential(Block(width), Block(filters))
                self.tower = nn.Sequential(Layer(), Layer(), nn.LayerNorm(filters))
                self.head = nn.Linear(filters, vocabulary)
            def forward(self, ids):
                at = torch.arange(ids.shape[1])
                x = self.blocks((self.characters(ids) + self.positions(at)).transpose(1, 2)).transpose(1, 2)
                return self.head(self.tower(x + self.tower_positions(at)))
        model = Model()
        optimizer = torch.optim.AdamW(model.parameters(), 3e-4)
        ids, targets = torch.randint(4, vocabulary, (rows, length)), torch.randint(4, vocabulary, (rows, length))
        def step():
            optimizer.zero_grad()
            with torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bfloat16'):
                logits = model(ids)
            F.cross_entropy(logits.float().view(-1, vocabulary), targets.view(-1)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        for _ in range(3):
            step()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        print((time.perf_counter() - start) * 1000 / steps, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        """;
}
