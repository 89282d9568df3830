using System.Diagnostics;
using Cclm.Export;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>The standard's own checker (Debian's package python3-onnx), with full checks: what it accepts is an ONNX model.</summary>
static class OfficialChecker
{
    const string Python = "/usr/bin/python3";

    // A checker older than the model knows neither its IR nor its opset. It is given a copy in the newest form it knows: the same fields,
    // with the axes of Reduce* as an attribute and Split without its number of outputs, the only operators here whose form changed.
    const string Script = """
        import sys, onnx
        from onnx import numpy_helper
        model, latest = onnx.load(sys.argv[1]), onnx.defs.onnx_opset_version()
        model.ir_version = min(model.ir_version, onnx.IR_VERSION)
        if latest < 18:
            for opset in model.opset_import:
                opset.version = min(opset.version, latest) if opset.domain == "" else opset.version
            constants = {n.output[0]: n.attribute[0].t for n in model.graph.node if n.op_type == "Constant"}
            for node in model.graph.node:
                if node.op_type in ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceL2") and len(node.input) == 2:
                    axes = numpy_helper.to_array(constants[node.input.pop()]).tolist()
                    node.attribute.append(onnx.helper.make_attribute("axes", axes))
                for attribute in [a for a in node.attribute if node.op_type == "Split" and a.name == "num_outputs"]:
                    node.attribute.remove(attribute)
        onnx.checker.check_model(model, full_check=True)
        """;

    /// <summary>Fails the test when the checker refuses the model; skips what follows where there is no checker.</summary>
    public static void Check(ModelProto model)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxFile.Save(model, file);
            var (exit, _, errors) = Run(Script, file);
            Assert.That(exit, Is.Zero, errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a Python script that imports onnx.</summary>
    public static (int Exit, string Output, string Errors) Run(string script, params string[] arguments)
    {
        if (!File.Exists(Python))
        {
            Assert.Ignore($"{Python} is missing; install python3-onnx to compare with the official checker.");
        }
        using var process = Process.Start(new ProcessStartInfo(Python, ["-", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (errors.Result.Contains("No module named 'onnx'", StringComparison.Ordinal))
        {
            Assert.Ignore("Python has no module onnx; install python3-onnx to compare with the official checker.");
        }
        return (process.ExitCode, output, errors.Result);
    }
}
