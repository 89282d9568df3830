using Cclm.Inference;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>Run with the native library for the CPU; where the tests are built for CUDA these do not apply.</summary>
public class ExecutionProviderTests
{
    [SetUp]
    public void OnTheCpuAlone()
    {
        OnnxRuntimeEnvironment.Prepare();
        Assume.That(OrtEnv.Instance().GetAvailableProviders(), Has.None.EqualTo("CUDAExecutionProvider"));
    }

    [Test]
    public void CudaAskedForAndMissingIsAnErrorWithTheRemedy() => Assert.That(
        () => new TinyModel().Load(new() { Provider = ExecutionProvider.Cuda }),
        Throws.TypeOf<CclmModelException>().With.Message.Contains("CUDA was asked for")
            .And.Message.Contains("Microsoft.ML.OnnxRuntime.Gpu").And.Message.Contains("set the provider to Cpu"));

    [Test]
    public void AutoFallsBackAndSaysSoOnce()
    {
        var logger = new ListLogger();
        using var model = CclmModel.Load(new TinyModel().Bytes(), new() { Provider = ExecutionProvider.Auto }, logger);

        model.Embed(["a", "b"]);
        model.Embed("c");

        Assert.That(model.Provider, Is.EqualTo(ExecutionProvider.Cpu));
        Assert.That(logger.Lines, Has.Count.EqualTo(1));
        Assert.That(logger.Lines[0], Does.StartWith("Information: The CPU is used").And.Contains("not enabled in this build"));
    }

    [Test]
    public void TheCpuAskedForIsNothingToSay()
    {
        var logger = new ListLogger();
        using var model = CclmModel.Load(new TinyModel().Bytes(), new() { Provider = ExecutionProvider.Cpu }, logger);

        Assert.That(model.Provider, Is.EqualTo(ExecutionProvider.Cpu));
        Assert.That(logger.Lines, Is.Empty);
    }

    [Test]
    public void AProviderThatDoesNotExistIsAnError() => Assert.That(
        () => new TinyModel().Load(new() { Provider = (ExecutionProvider)9 }),
        Throws.ArgumentException.With.Message.Contains("Provider is 9; expected Auto, Cpu, Cuda"));
}
