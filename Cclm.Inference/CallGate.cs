namespace Cclm.Inference;

/// <summary>Lets calls in until it is closed, and closes only when the last of them has left.</summary>
/// <remarks>ONNX Runtime can crash the process where a session is disposed while it runs.</remarks>
sealed class CallGate
{
    readonly object state = new();      // a Monitor, for its Wait
    int inside;
    bool closed;

    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Pass Enter(object owner)
    {
        lock (state)
        {
            ObjectDisposedException.ThrowIf(closed, owner);
            inside++;
            return new(this);
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

    void Leave()
    {
        lock (state)
        {
            inside--;
            Monitor.PulseAll(state);
        }
    }

    public readonly ref struct Pass(CallGate gate)
    {
        public void Dispose() => gate.Leave();
    }
}
