using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Inference;

/// <summary>Opens ONNX Runtime sessions for a service: explicit threads, no idle spinning, silent, on the provider asked for.</summary>
static class Sessions
{
    /// <summary>The largest batch, in ids, for which runs have the memory that they need planned.</summary>
    /// <remarks>
    /// Without a plan each operator asks the arena for memory, and runs beside each other wait for it. A plan of some KB is kept for each size of a batch, so there
    /// must not be too many of these.
    /// </remarks>
    const int MostPlanned = 4_096;

    /// <param name="name">The model, as errors call it.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="options">What to run on; validated.</param>
    /// <param name="logger">Is told, once, when CUDA was wanted and is not used.</param>
    /// <returns>The session and the provider that it really uses.</returns>
    /// <exception cref="CclmModelException">The file is not a model that ONNX Runtime reads, or CUDA is asked for and missing.</exception>
    public static (InferenceSession Session, ExecutionProvider Provider) Open(
        string name, Func<SessionOptions, InferenceSession> open, CclmModelOptions options, ILogger? logger)
    {
        if (options.Provider != ExecutionProvider.Cpu)
        {
            try
            {
                return (OpenOnCuda(name, open, options), ExecutionProvider.Cuda);
            }
            catch (CclmModelException e) when (options.Provider == ExecutionProvider.Auto)
            {
                if (logger?.IsEnabled(LogLevel.Information) == true)
                {
                    logger.LogInformation("The CPU is used, because CUDA cannot be: {Reason}", e.Message);
                }
            }
        }
        using var settings = Settings(options, ExecutionProvider.Cpu);
        return (Guard(name, () => open(settings)), ExecutionProvider.Cpu);
    }

    static InferenceSession OpenOnCuda(string name, Func<SessionOptions, InferenceSession> open, CclmModelOptions options)
    {
        const string remedy = "Reference Microsoft.ML.OnnxRuntime.Gpu in the application in place of Microsoft.ML.OnnxRuntime, " +
            "install the CUDA and cuDNN versions that it names, and check with nvidia-smi that the device is visible; or set the provider to Cpu.";
        using var settings = Settings(options, ExecutionProvider.Cuda);
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(CudaSettings(options.CudaDevice));
            settings.AppendExecutionProvider_CUDA(cuda);
        }
        catch (OnnxRuntimeException e)
        {
            throw new CclmModelException($"CUDA was asked for, but ONNX Runtime cannot start it: {e.Message} {remedy}", e);
        }
        var session = Guard($"{name} on CUDA device {options.CudaDevice}", () => open(settings));
        using var outputs = session.GetMemoryInfosForOutputs();
        if (!outputs.Any(memory => memory.GetDeviceType() == OrtMemoryInfoDeviceType.GPU))
        {
            session.Dispose();
            throw new CclmModelException($"CUDA was asked for, but ONNX Runtime placed the model on the CPU. {remedy}");
        }
        return session;
    }

    /// <summary>For batches of ever other sizes: no search for the fastest convolution of each new one, and no memory beyond what is asked for.</summary>
    static Dictionary<string, string> CudaSettings(int device) => new()
    {
        ["device_id"] = device.ToString(CultureInfo.InvariantCulture),
        ["cudnn_conv_algo_search"] = "HEURISTIC",
        ["arena_extend_strategy"] = "kSameAsRequested",
    };

    static InferenceSession Guard(string name, Func<InferenceSession> open)
    {
        try
        {
            return open();
        }
        catch (OnnxRuntimeException e)
        {
            throw new CclmModelException($"ONNX Runtime cannot read {name}: {e.Message} " +
                "Is it a whole .onnx file, of a version that this ONNX Runtime knows?", e);
        }
    }

    static SessionOptions Settings(CclmModelOptions options, ExecutionProvider provider)
    {
        try
        {
            var settings = new SessionOptions
            {
                IntraOpNumThreads = options.ThreadsPerRun,
                InterOpNumThreads = 1,
                EnableMemoryPattern = provider == ExecutionProvider.Cpu && options.For(provider).BatchCharacters <= MostPlanned,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,     // a library does not write to the console; errors are thrown too
            };
            settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");     // idle threads sleep, and sessions do not fight for cores
            return settings;
        }
        catch (Exception e) when (e is DllNotFoundException || e.InnerException is DllNotFoundException)
        {
            throw new CclmModelException("ONNX Runtime's native library is missing. " +
                "Reference Microsoft.ML.OnnxRuntime (CPU) or Microsoft.ML.OnnxRuntime.Gpu in the application: " +
                "this library leaves the choice to it.", e);
        }
    }
}
