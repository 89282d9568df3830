using Cclm.Benchmarks;

string[] names = [.. args.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))], options = args[names.Length..];
Dictionary<string, Action> benchmarks = new() { ["encode"] = EncodeBenchmark.Run, ["loop"] = () => LoopBenchmark.Run(options), ["corpus"] = () => CorpusBenchmark.Run(options), ["augment"] = AugmentBenchmark.Run, ["tokenizer"] = () => TokenizerBenchmark.Run(options), ["serving"] = ServingBenchmark.Run, ["quantize"] = QuantizeBenchmark.Run, ["load"] = LoadBenchmark.Run, ["start"] = () => StartBenchmark.Run(options), ["stitch"] = () => StitchBenchmark.Run(options), ["growth"] = () => GrowthBenchmark.Run(options), ["scale"] = () => ScaleBenchmark.Run(options), ["compare"] = () => CompareBenchmark.Run(options), ["pieces"] = () => PiecesBenchmark.Run(options) };
var chosen = names.Length > 0 ? names : [.. benchmarks.Keys.Except(["start", "pieces"])];      // of which one wants a model, and the other has options of its own
if (chosen.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown}'; there are {string.Join(", ", benchmarks.Keys)}.");
    return 2;
}
Console.WriteLine($"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");
foreach (var name in chosen)
{
    benchmarks[name]();
}
return 0;
