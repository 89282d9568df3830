using Cclm.Export;
using Spectre.Console;

namespace Cclm.Training.App;

static class SummaryTables
{
    public static void Write(IAnsiConsole console, ModelSummary summary) => console.Write(new Text(summary.ToMarkdown()));
}
