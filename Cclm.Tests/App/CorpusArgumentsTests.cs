using System.CommandLine;
using Cclm.Training.App;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.App;

public sealed class CorpusArgumentsTests
{
    [Test]
    public void NothingButTheCorpusHasToBeSaid()
    {
        var (options, defaults) = (Read("--corpus a.txt"), new CorpusOptions { Paths = ["a.txt"] });

        Assert.That(options with { Paths = defaults.Paths, TextColumns = defaults.TextColumns }, Is.EqualTo(defaults));
        Assert.That(options.Paths, Is.EqualTo(defaults.Paths));
        Assert.That(options.TextColumns, Is.Empty);
    }

    [Test]
    public void EveryOptionIsPassedOn()
    {
        var options = Read("-c a b/*.gz --format tsv --text-column title body --text-separator : --label-column 3 --no-header --quotes --separator ; --split test --config en --skip-incomplete --edges e --labels l");

        Assert.That(options.Paths, Is.EqualTo((string[])["a", "b/*.gz"]));
        Assert.That(options.TextColumns, Is.EqualTo((string[])["title", "body"]));
        Assert.That(options with { Paths = [], TextColumns = [] }, Is.EqualTo(new CorpusOptions
        {
            Paths = [],
            Format = CorpusFormat.Tsv,
            TextSeparator = ":",
            LabelColumn = "3",
            Header = false,
            Quotes = true,
            Separator = ';',
            Split = "test",
            Config = "en",
            SkipIncomplete = true,
            Edges = "e",
            Labels = "l",
        }));
    }

    [TestCase("--header --no-header", "--header and --no-header say the opposite")]
    [TestCase("--separator ::", "--separator is '::'; expected one character")]
    public void WhatCanNotBeMeantIsAnError(string line, string message) =>
        Assert.That(() => Read($"-c a {line}"), Throws.ArgumentException.With.Message.Contains(message));

    static CorpusOptions Read(string line)
    {
        var command = new RootCommand();
        var arguments = new CorpusArguments(command);
        var parsed = command.Parse(line.Split(' '));
        Assert.That(parsed.Errors, Is.Empty);
        return arguments.Read(parsed);
    }
}
