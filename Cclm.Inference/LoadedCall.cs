namespace Cclm.Inference;

/// <summary>A call that is inside a model: the model stays open until it is disposed.</summary>
readonly struct LoadedCall(LoadedModel model) : IDisposable
{
    public LoadedModel Model => model;

    public void Dispose() => model.Gate.Leave();
}
