using Cclm.Tests.Inference;

namespace Cclm.Tests.Samples;

/// <summary>A small API with its documentation, and a model for it: a bag of characters, to which letters that changed places are none the less the same.</summary>
static class Zoo
{
    public static readonly TinyModel Tiny = new() { Characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ <>=()'." };

    public static readonly (string Name, string Summary)[] Members =
    [
        ("Keeper", "Looks after all the animals of a house."),
        ("Keeper.Feed", "Gives food to hungry animals."),
        ("Keeper.Open", "Opens the gate before the visitors come."),
        ("Keeper.Close", "Locks every door at night."),
        ("Keeper.ctor", "Hires someone who is fond of zebras."),
        ("Cage", "<img src=x onerror=alert(document.domain)>"),
        ("Cage.Clean", "Sweeps the floor with a broom."),
        ("Cage.Paint", "Gives each wall another colour."),
        ("Ticket.Price", "What a visitor pays for one day."),
    ];

    /// <summary>Writes the documentation; some of its members say the same, some too little.</summary>
    /// <returns>The folder.</returns>
    public static string Write(TempFolder folder)
    {
        var members = Members.Select(member => $"<member name=\"{Id(member.Name)}\"><summary>{System.Security.SecurityElement.Escape(member.Summary)}</summary></member>");
        folder.Write("docs/Zoo.xml", $"""
            <doc><members>{string.Concat(members)}
            <member name="T:Zoo.Ticket"><summary>Too short.</summary></member>
            <member name="M:Zoo.Keeper.Feed(System.Int32)"><summary>Gives food to hungry animals.</summary></member>
            </members></doc>
            """);
        return folder["docs"];
    }

    static string Id(string name) => (name.Contains('.', StringComparison.Ordinal) ? "M:Zoo." : "T:Zoo.") + name.Replace("ctor", "#ctor", StringComparison.Ordinal);
}
