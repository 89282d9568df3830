namespace Cclm.Inference;

/// <summary>What ONNX Runtime computes on.</summary>
public enum ExecutionProvider
{
    /// <summary>CUDA where it works, the CPU otherwise; falling back is logged once, when the model is loaded.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU, or an error that says what is missing.</summary>
    Cuda,
}
