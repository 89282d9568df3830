using NUnit.Framework;

namespace Cclm.Tests;

/// <summary>Real data beside the repository, which is no part of it.</summary>
static class SharedData
{
    /// <summary>A folder or file of it; the test is skipped where it is not there.</summary>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cclm.sln")) && Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data", name)) is var found && Path.Exists(found))
            {
                return found;
            }
        }
        Assert.Ignore($"There is no shared/data/{name} beside the repository, which this test reads.");
        throw new InvalidOperationException();
    }
}
