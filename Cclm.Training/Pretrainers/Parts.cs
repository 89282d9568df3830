namespace Cclm.Training;

/// <summary>The parts that a pretrainer trains and that can be kept as they are.</summary>
[Flags]
public enum Parts
{
    /// <summary>The shared base.</summary>
    Embedder = 1,

    /// <summary>The pretrainer's own tower.</summary>
    Tower = 2,
}
