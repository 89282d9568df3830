using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>Where training is measured: <c>--device cuda</c>, or the CPU.</summary>
sealed record TrainDevice(DeviceType Type)
{
    public bool IsCard => Type == DeviceType.CUDA;

    /// <summary>As <c>--device</c> and PyTorch have it.</summary>
    public string Name => IsCard ? "cuda" : "cpu";

    /// <summary>What a table adds to float32.</summary>
    public string Float32 => IsCard ? " as TF32" : "";

    /// <summary>Steps that are not timed.</summary>
    public int Warm => IsCard ? 10 : 3;

    public static TrainDevice Of(string[] options) => Measure.Option(options, "--device") switch
    {
        null or "cpu" => new(DeviceType.CPU),
        "cuda" => new(DeviceType.CUDA),
        var other => throw new ArgumentException($"There is no device '{other}'; expected cpu or cuda."),
    };

    /// <summary>Lets a card multiply float32 as TF32, as <c>peer.py</c> does.</summary>
    /// <exception cref="InvalidOperationException">There is no card.</exception>
    public void Prepare()
    {
        if (IsCard)
        {
            if (!torch.cuda.is_available())
            {
                throw new InvalidOperationException("libtorch finds no card that it can train on; it may be a libtorch for the CPU.");
            }
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = true;
        }
    }

    /// <summary>Until all that was started is done.</summary>
    public void Wait()
    {
        if (IsCard)
        {
            torch.cuda.synchronize();
        }
    }
}
