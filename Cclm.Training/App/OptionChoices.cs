using System.CommandLine;

namespace Cclm.Training.App;

static class OptionChoices
{
    /// <summary>Accepts these values only, and says so in the help.</summary>
    public static Option<string> Among(this Option<string> option, IEnumerable<string> values)
    {
        option.AcceptOnlyFromAmong([.. values]);
        return option;
    }
}
