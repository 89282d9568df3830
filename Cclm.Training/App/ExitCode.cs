namespace Cclm.Training.App;

/// <summary>How a command ended, for scripts.</summary>
public static class ExitCode
{
    /// <summary>It did what was asked.</summary>
    public const int Success = 0;

    /// <summary>It could not; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line made no sense.</summary>
    public const int Usage = 2;

    /// <summary>An error of CCLM's own.</summary>
    public const int Defect = 70;

    /// <summary>It was stopped by Ctrl-C or a signal; what was done until then is kept where the command says so.</summary>
    public const int Interrupted = 130;
}
