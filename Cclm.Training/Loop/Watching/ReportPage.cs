using System.Xml.Linq;

namespace Cclm.Training;

/// <summary>What a report's page is made of.</summary>
static class ReportPage
{
    /// <summary>No colour is set but here, each for a light and a dark page.</summary>
    public const string Style = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1d2430; --soft: #5b6472; --line: #ccd2da; --first: #1769aa; --second: #b4500f; --mark: #ffe08a; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14181f; --ink: #e4e8ee; --soft: #9aa4b2; --line: #39414d; --first: #6db3f2; --second: #f0a35e; --mark: #6b5200; }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
        main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
        p { max-width: 40rem; overflow-wrap: anywhere; }
        section { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: start; vertical-align: top; padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid var(--line); }
        th { font-weight: 500; color: var(--soft); }
        bdi { font-family: ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        mark { background: var(--mark); color: inherit; }
        figure { margin: 0 0 1.5rem; }
        figcaption { color: var(--soft); font-size: .92rem; }
        svg { width: 100%; height: auto; }
        summary { cursor: pointer; color: var(--soft); }
        """;

    /// <summary>A table; a cell is text or elements.</summary>
    public static XElement Table(IEnumerable<string> columns, IEnumerable<IEnumerable<object>> rows) => new("table",
        new XElement("thead", new XElement("tr", columns.Select(column => new XElement("th", new XAttribute("scope", "col"), column)))),
        new XElement("tbody", rows.Select(row => new XElement("tr", row.Select(cell => new XElement("td", cell))))));

    /// <summary>A table of names and what each is.</summary>
    public static XElement Pairs(IEnumerable<(string Name, string Value)> pairs) => new("table", new XElement("tbody",
        pairs.Select(pair => new XElement("tr", new XElement("th", new XAttribute("scope", "row"), pair.Name), new XElement("td", VisibleText.Of(pair.Value))))));

    /// <summary>Text of any script, whose direction ends with it.</summary>
    public static XElement Quote(object text) => new("bdi", text, "");
}
