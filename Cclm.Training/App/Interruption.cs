using System.Runtime.InteropServices;

namespace Cclm.Training.App;

/// <summary>Ctrl-C and SIGTERM: the first asks the command to end and keep what it has, the second ends the process at once.</summary>
sealed class Interruption : IDisposable
{
    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;

    public Interruption() => registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        Array.ForEach(registrations, registration => registration.Dispose());
        source.Dispose();
    }

    void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (source.IsCancellationRequested)
        {
            Terminal.Tell("Stopped at once; what was not saved is lost.");
            Environment.Exit(ExitCode.Interrupted);
        }
        source.Cancel();
    }
}
