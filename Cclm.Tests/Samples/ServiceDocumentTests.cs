extern alias Service;

using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Service::EmbeddingService;

namespace Cclm.Tests.Samples;

public sealed partial class ServiceDocumentTests
{
    [Test]
    public void TheTableHasEveryOptionWithItsDefault()
    {
        var text = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "samples", "EmbeddingService", "README.md"));
        var rows = Row().Matches(text).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value.Trim('`'));
        var defaults = typeof(ServiceOptions).GetProperties().ToDictionary(
            option => option.Name, option => option.GetValue(new ServiceOptions()) is { } value and not Array ? Convert.ToString(value, CultureInfo.InvariantCulture) : "none");
        Assert.That(rows, Is.EquivalentTo(defaults));
    }

    [GeneratedRegex(@"^\| `Service:(\w+)\S*(?: .*?)? \| (\S+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
