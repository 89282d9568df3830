using System.ComponentModel;

namespace Cclm.Benchmarks;

/// <summary>The programs that are measured beside ours, where they are.</summary>
/// <param name="options">
/// <c>--python COMMAND</c> starts a Python with torch, onnxruntime and onnx (default <c>python3</c>); <c>--node FOLDER</c> is where npm installed
/// onnxruntime-node; <c>fasttext</c> is looked for on the path.
/// </param>
sealed class Peers(string[] options)
{
    readonly string[] python = (Measure.Option(options, "--python") ?? "python3").Split(' ');
    readonly string? node = Measure.Option(options, "--node");

    /// <summary>A run of <c>peer.py</c>.</summary>
    /// <param name="folder">Where it runs: files are named from there, as the command may have another root.</param>
    /// <param name="words">Its arguments.</param>
    public Sample Python(string folder, params string[] words) => Sample.Parse(Measure.InAProcess(python[0], [.. python[1..], "-c", Resource("peer.py"), .. words], folder));

    /// <summary>A run of <c>peer.mjs</c>.</summary>
    public Sample Node(params string[] words) => Sample.Parse(Measure.InAProcess("node", ["--input-type=module", "-e", Resource("peer.mjs"), "--", .. words], node ?? "."));

    /// <summary>The sides whose programs are there; what is not is said.</summary>
    /// <param name="sides">Sides, and the versions that their programs say when they are asked.</param>
    public static IEnumerable<Side> There(params (Side Side, Func<string> Version)[] sides)
    {
        foreach (var (side, version) in sides)
        {
            string? found = null;
            try
            {
                found = version();
            }
            catch (Exception e) when (e is Win32Exception or InvalidOperationException)
            {
                Console.WriteLine($"{side.Name} is left out: {e.Message.Trim()}");
            }
            if (found is not null)
            {
                yield return side with { Name = $"{side.Name} {found}".Trim() };
            }
        }
    }

    /// <summary>The version of a Python module.</summary>
    public string Version(string module) => Measure.InAProcess(python[0], [.. python[1..], "-c", $"import {module}; print({module}.__version__)"], ".");

    /// <summary>The version of ONNX Runtime in Node.</summary>
    public string NodeVersion() => Measure.InAProcess("node", ["-p", "require('onnxruntime-node/package.json').version"], node ?? ".");

    static string Resource(string name)
    {
        using var stream = typeof(Peers).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
