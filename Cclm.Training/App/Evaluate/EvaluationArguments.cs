using System.CommandLine;

namespace Cclm.Training.App;

/// <summary>Options that the commands of <c>cclm evaluate</c> share.</summary>
static class EvaluationArguments
{
    public static Option<DirectoryInfo> Data() => new Option<DirectoryInfo>("--data") { Required = true, Description = "The folder of the data sets, laid out as docs/evaluation.md says; what is not there is left out." }.AcceptExistingOnly();
}
