using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Cclm.Training.Data;

/// <summary>What a documentation file says of a member.</summary>
/// <param name="Id">The member's documentation id.</param>
/// <param name="Summary">The summary in plain text; an empty one where there is none.</param>
/// <param name="References">The ids that any part of its documentation refers to (<c>cref</c>).</param>
sealed record DocumentedMember(string Id, string Summary, IReadOnlyList<string> References);

/// <summary>An XML documentation file (C# specification, annex D), read one member at a time.</summary>
static class DocumentationXml
{
    /// <summary>Every member, in the file's order.</summary>
    /// <exception cref="InvalidDataException">The file is not well-formed XML.</exception>
    public static List<DocumentedMember> Read(string path)
    {
        List<DocumentedMember> members = [];
        try
        {
            using var reader = XmlReader.Create(path);
            while (reader.ReadToFollowing("member"))
            {
                if (reader.GetAttribute("name") is { } id)
                {
                    using var inner = reader.ReadSubtree();
                    var member = XElement.Load(inner);
                    members.Add(new(id, member.Element("summary") is { } summary ? Text(summary) : "", [.. member.Descendants().Attributes("cref").Select(cref => cref.Value)]));
                }
            }
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"'{path}' is not an XML documentation file: {e.Message} Install the .NET SDK again, or pass a text file with --corpus.", e);
        }
        return members;
    }

    /// <summary>What a reader sees of an element, with single spaces.</summary>
    static string Text(XElement element)
    {
        var text = new StringBuilder();
        Append(text, element);
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    static void Append(StringBuilder text, XElement element)
    {
        var block = element.Name.LocalName is "para" or "p" or "br" or "list" or "item" or "listheader" or "code";
        text.Append(block ? " " : "");
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XText run:
                    text.Append(run.Value);
                    break;
                case XElement child when child.IsEmpty || !child.Nodes().Any():
                    text.Append(Reference(child));
                    break;
                case XElement child:
                    Append(text, child);
                    break;
            }
        }
        text.Append(block ? " " : "");
    }

    /// <summary>What an element without content stands for.</summary>
    static string Reference(XElement element) =>
        (string?)element.Attribute("cref") is { } id ? ShortName(id)
        : (string?)element.Attribute("uid") is { } uid ? ShortName(Uri.UnescapeDataString(uid))
        : (string?)element.Attribute("langword") ?? (string?)element.Attribute("name") ?? (string?)element.Attribute("href") ?? " ";

    /// <summary><c>M:System.Text.StringBuilder.Append(System.Char)</c> to <c>Append</c>; a namespace stays whole.</summary>
    static string ShortName(string id)
    {
        var name = id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (id.StartsWith("N:", StringComparison.Ordinal))
        {
            return name;
        }
        var segments = name.Split('(')[0].Replace(".#ctor", "", StringComparison.Ordinal).Split('.');
        return segments[^1].Split('`')[0];
    }
}
