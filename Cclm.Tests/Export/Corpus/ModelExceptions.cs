namespace Cclm.Tests.Export;

/// <summary>What official models do not pass, and why: the table <c>exceptions.txt</c> beside this file.</summary>
static class ModelExceptions
{
    /// <summary>By what is not passed and the model's name; reasons.</summary>
    public static IReadOnlyDictionary<(string Way, string Model), string> All { get; } = Read();

    static Dictionary<(string, string), string> Read()
    {
        using var reader = new StreamReader(typeof(ModelExceptions).Assembly.GetManifestResourceStream("exceptions.txt")!);
        var all = new Dictionary<(string, string), string>();
        var (ways, reason) = (Array.Empty<string>(), "");
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(' '))
            {
                foreach (var way in ways)
                {
                    all.Add((way, line.Trim()), reason);
                }
            }
            else if (!line.StartsWith('#') && line.Split(':', 2) is [var which, var why])
            {
                (ways, reason) = (which.Split(' '), why.Trim());
            }
        }
        return all;
    }
}
