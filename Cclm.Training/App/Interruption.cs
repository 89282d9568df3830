using System.Runtime.InteropServices;

namespace Cclm.Training.App;

/// <summary>Ctrl-C and SIGTERM: the first asks the command to end and keep what it has, the second ends the process at once.</summary>
sealed partial class Interruption : IDisposable
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
            Terminal.ShowCursor();
            Terminal.Tell("Stopped at once; what was not saved is lost.");
            ExitAtOnce(ExitCode.Interrupted);
        }
        source.Cancel();
    }

    /// <summary>Without exit handlers: libtorch's would free what its threads are still computing with.</summary>
    static void ExitAtOnce(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(code);
        }
        ExitWithoutHandlers(code);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitWithoutHandlers(int code);
}
