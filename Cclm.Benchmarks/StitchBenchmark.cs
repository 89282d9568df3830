using System.Diagnostics;
using System.Globalization;
using Cclm.Export;

namespace Cclm.Benchmarks;

/// <summary>Ten models of 10 MB joined to one, against copying their bytes and against onnx.compose; each way in a process of its own.</summary>
static class StitchBenchmark
{
    const string Whole = "whole.onnx";
    const int Parts = 10, Width = 1_619, Rounds = 5;       // 1,619 x 1,619 floats: 10.5 MB

    public static void Run(string[] options)
    {
        if (Measure.Option(options, "--as") is { } role)
        {
            Child(role, Measure.Option(options, "--in")!);
            return;
        }
        var folder = Directory.CreateTempSubdirectory("cclm-stitch-").FullName;
        try
        {
            Write(folder, Width);
            var small = Directory.CreateDirectory(Path.Combine(folder, "small")).FullName;
            Write(small, 8);
            var bytes = Directory.GetFiles(folder, "part*.onnx").Sum(file => new FileInfo(file).Length);
            var ways = new Dictionary<string, Func<string>>
            {
                ["copy the bytes"] = () => Ours("copy", folder),
                ["Stitcher: load, stitch, save"] = () => Ours("stitch", folder),
                ["the same of small parts"] = () => Ours("stitch", small),
                ["the same in a process that has stitched small ones before"] = () => Ours("again", folder),
                ["onnx.compose: load, merge two by two, save"] = () => Measure.InAProcess("python3", ["-c", Python, folder], "."),
            };
            var said = ways.ToDictionary(way => way.Key, _ => new List<double[]>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (name, way) in ways)
                {
                    said[name].Add([.. way().Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture))]);
                }
            }
            Console.WriteLine($"\n{Parts} parts, {bytes / 1e6:F1} MB together; {Rounds} rounds in turns.\n\n| | ms, median | of copying | most memory, MB |\n|---|---|---|---|");
            var copy = Measure.Median(said.First().Value.Select(value => value[0]));
            foreach (var (name, values) in said)
            {
                var time = Measure.Median(values.Select(value => value[0]));
                Console.WriteLine($"| {name} | {time:F0} | {time / copy:F2}x | {Measure.Median(values.Select(value => value[1])):F0} |");
            }
            var most = Measure.Median(said.ElementAt(1).Value.Zip(said.ElementAt(2).Value, (large, tiny) => large[1] - tiny[1]));
            Console.WriteLine($"\nMemory over that of small parts: {most * 1048576 / bytes:F2}x the parts' bytes.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Child(string role, string folder)
    {
        if (role == "again")
        {
            Stitch(Path.Combine(folder, "small"));
        }
        var files = Files(folder);
        var target = Path.Combine(folder, Whole);
        var clock = Stopwatch.StartNew();
        if (role == "copy")
        {
            using var whole = File.Create(target);
            foreach (var file in files)
            {
                using var part = File.OpenRead(file);
                part.CopyTo(whole, 1 << 20);
            }
            whole.Flush(flushToDisk: true);
        }
        else
        {
            Stitch(folder);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds} {Measure.PeakMegabytes()}"));
    }

    static void Stitch(string folder) =>
        OnnxFile.Save(Stitcher.Stitch([.. Files(folder).Select(file => (Path.GetFileNameWithoutExtension(file), OnnxFile.Load(file)))], []), Path.Combine(folder, Whole));

    static string[] Files(string folder) => [.. Directory.GetFiles(folder, "part*.onnx").Order()];

    /// <summary>x [N,width] -> y = x w, each with other weights.</summary>
    static void Write(string folder, int width)
    {
        var random = new Random(1);
        for (var i = 0; i < Parts; i++)
        {
            var graph = new OnnxGraph("part");
            var x = graph.Input("x", Onnx.TensorProto.Types.DataType.Float, "N", $"{width}");
            graph.Output("y", graph.Op("MatMul", [x, graph.Initializer("w", [.. Enumerable.Range(0, width * width).Select(_ => random.NextSingle())], width, width)]), "N", $"{width}");
            OnnxFile.Save(graph.ToModel(), Path.Combine(folder, $"part{i}.onnx"));
        }
    }

    static string Ours(string role, string folder) => Measure.Again("stitch", "--as", role, "--in", folder);

    /// <summary>What a Python user writes; every part gets a prefix, and nothing is wired.</summary>
    const string Python = """
        import glob, os, resource, sys, time
        import onnx, onnx.compose
        start = time.perf_counter()
        whole = None
        for i, path in enumerate(sorted(glob.glob(os.path.join(sys.argv[1], 'part*.onnx')))):
            part = onnx.compose.add_prefix(onnx.load(path), f'part{i}.')
            if whole is not None:
                part.ir_version, part.opset_import[0].version = whole.ir_version, whole.opset_import[0].version
            else:
                part.ir_version, part.opset_import[0].version = 8, 17      # Debian 12's checker knows no newer ones
            whole = part if whole is None else onnx.compose.merge_models(whole, part, io_map=[])
        onnx.save(whole, os.path.join(sys.argv[1], 'whole.python.onnx'))
        print((time.perf_counter() - start) * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        """;
}
