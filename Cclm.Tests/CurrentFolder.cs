namespace Cclm.Tests;

/// <summary>Another current folder until it is disposed, for examples that name files as a user would. Not for tests that run beside others.</summary>
sealed class CurrentFolder : IDisposable
{
    readonly string before = Environment.CurrentDirectory;

    public CurrentFolder(string path) => Environment.CurrentDirectory = path;

    public void Dispose() => Environment.CurrentDirectory = before;
}
