namespace Cclm.Inference;

/// <summary>Lets calls in until it is closed, and closes only when the last of them has left.</summary>
/// <remarks>ONNX Runtime can crash the process where a session is disposed while it runs.</remarks>
sealed class CallGate
{
    readonly object state = new();      // a Monitor, for its Wait
    int inside;
    bool closed;

    /// <summary>Lets a call in, which then has to leave; no one is let in once the gate is closed.</summary>
    public bool TryEnter()
    {
        lock (state)
        {
            inside += closed ? 0 : 1;
            return !closed;
        }
    }

    /// <summary>Refuses new calls and waits for those inside.</summary>
    /// <returns>Whether this call closed it, rather than one before.</returns>
    public bool Close()
    {
        lock (state)
        {
            var first = !closed;
            closed = true;
            while (inside > 0)
            {
                Monitor.Wait(state);
            }
            return first;
        }
    }

    /// <summary>Lets a call out.</summary>
    public void Leave()
    {
        lock (state)
        {
            inside--;
            Monitor.PulseAll(state);
        }
    }
}
