using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Real data that lies beside the repository and not in it; tests that need it are skipped where it is not.</summary>
static class SharedData
{
    /// <summary>The path of a file or folder of <c>../shared/data</c>.</summary>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "..", "shared", "data", name);
            if (File.Exists(Path.Combine(folder.FullName, "Cclm.sln")) && (File.Exists(path) || Directory.Exists(path)))
            {
                return path;
            }
        }
        Assert.Ignore($"There is no ../shared/data/{name} beside the repository to read.");
        return "";
    }
}
