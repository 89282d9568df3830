using System.Text;
using Cclm.Export;
using Cclm.Training;
using Cclm.Training.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>What is wrong with a recipe is told with its place, what was found, and what was expected.</summary>
public sealed class RecipeFileTests
{
    const string Good =
        """
        {
          "corpora": { "text": { "paths": ["a.txt"] }, "labels": { "paths": ["b.tsv"] } },
          "towers": [
            { "name": "chars", "task": "char-mask", "corpus": "text" },
            { "name": "topic", "task": "categorical", "corpus": "labels", "options": { "heads": 4 },
              "training": { "steps": 9, "schedule": "linear" } }
          ]
        }
        """;

    [Test]
    public void WhatIsLeftOutHasADefault()
    {
        var recipe = Parse(Good).Recipe;
        Assert.Multiple(() =>
        {
            Assert.That(recipe.Towers[0].Training, Is.EqualTo(new TrainingOptions()));
            Assert.That(recipe.Towers[1].Training, Is.EqualTo(new TrainingOptions { Steps = 9, Schedule = Schedule.Linear }));
            Assert.That(recipe.Towers[0].Type, Is.EqualTo("transformer"));
            Assert.That(recipe.Preprocessor.ToPreprocessor(), Is.EqualTo(new NewModel().Preprocessor));
            Assert.That(recipe.Preprocessor.ToVocabulary(), Is.EqualTo(new NewModel().Vocabulary));
            Assert.That(recipe.Composition.ToOptions().Pooling, Is.EqualTo(new PoolingOptions(Pooling.MeanMax)));
        });
    }

    [Test]
    public void CommentsTrailingCommasAByteOrderMarkAndASchemaAreRight()
    {
        var written = "\uFEFF// a comment\n" + Good.Replace("{\n  \"corpora\"", "{ /* another */\n  \"$schema\": \"recipe.schema.json\",\n  \"corpora\"", StringComparison.Ordinal)
            .Replace("\"linear\" }", "\"linear\", }, // and one\n", StringComparison.Ordinal);
        Assert.That(Parse(written).Recipe.Schema, Is.EqualTo("recipe.schema.json"));
    }

    /// <summary>A change to the recipe, and what the message says of it.</summary>
    static readonly Dictionary<string, (string From, string To, string[] Expected)> Faults = new()
    {
        ["no JSON"] = ("\"corpora\":", "\"corpora\"", ["line 2, column 13", "no JSON"]),
        ["cut short"] = ("  ]\n}", "", ["no JSON"]),
        ["more after it"] = ("  ]\n}", "  ]\n} 7", ["line 8, column 3", "no JSON"]),
        ["a list"] = (Good, "[]", ["line 1, column 1", "the whole is a list; expected an object"]),
        ["null"] = (Good, "null", ["is null; expected an object"]),
        ["nothing"] = (Good, "", ["no JSON"]),
        ["not UTF-8"] = ("a.txt", "\uDFFF", ["not UTF-8"]),
        ["half a character"] = ("a.txt", "\\ud800", ["line 2, column 36", "surrogate"]),
        ["a property unknown"] = ("\"towers\": [", "\"twoers\": [", ["line 3, column 3", "twoers is not known", "Did you mean 'towers'?"]),
        ["a property unknown that is like none"] = ("\"towers\": [", "\"xyzzy\": [", ["xyzzy is not known", "'composition'"]),
        ["a quantization of texts that are not there"] = ("\"towers\": [", "\"quantization\": { \"corpus\": \"texts\" }, \"towers\": [", ["quantization.corpus is 'texts'", "Did you mean 'text'?"]),
        ["a quantization in the model's place"] = ("\"towers\": [", "\"quantization\": { \"corpus\": \"text\", \"file\": \"model.onnx\" }, \"towers\": [", ["quantization.file is 'model.onnx', as a composed model"]),
        ["a cosine that is none"] = ("\"towers\": [", "\"quantization\": { \"corpus\": \"text\", \"minCosine\": 2 }, \"towers\": [", ["quantization.minCosine is 2; expected a cosine"]),
        ["a property unknown, deeper"] = ("\"steps\": 9", "\"step\": 9", ["line 6, column 21", "towers[1].training.step is not known", "Did you mean 'steps'?"]),
        ["a property in other letters"] = ("\"steps\": 9", "\"Steps\": 9", ["towers[1].training.Steps is not known", "Did you mean 'steps'?"]),
        ["a property twice"] = ("\"steps\": 9", "\"steps\": 9, \"steps\": 8", ["line 6, column 33", "'steps' is there twice"]),
        ["a property missing"] = ("\"task\": \"char-mask\", ", "", ["line 4, column 5", "towers[0].task is missing"]),
        ["no towers"] = ("\"towers\": [", "\"evaluation\": {}, \"$schema\": \"\" } [", ["no JSON"]),
        ["text for a number"] = ("\"steps\": 9", "\"steps\": \"many\"", ["line 6, column 30", "towers[1].training.steps is \"many\"; expected a whole number"]),
        ["a fraction for a whole number"] = ("\"steps\": 9", "\"steps\": 9.5", ["steps is 9.5; expected a whole number"]),
        ["a number too large"] = ("\"steps\": 9", "\"steps\": 99999999999", ["steps is 99999999999; expected a whole number"]),
        ["a number beyond all"] = ("\"steps\": 9", "\"learningRate\": 1e999", ["learningRate is 1e999; expected a number"]),
        ["a number out of its range"] = ("\"steps\": 9", "\"steps\": 0", ["line 6, column 30", "towers[1].training.steps is not sound", "expected 1 or more"]),
        ["null for a number"] = ("\"steps\": 9", "\"steps\": null", ["steps is null; expected a whole number"]),
        ["an object for a number"] = ("\"steps\": 9", "\"steps\": {}", ["steps is an object; expected a whole number"]),
        ["a list for an object"] = ("{ \"steps\": 9, \"schedule\": \"linear\" }", "[]", ["towers[1].training is a list; expected an object"]),
        ["a word unknown"] = ("\"linear\"", "\"lineer\"", ["schedule is \"lineer\"; expected one of \"cosine\", \"linear\", \"constant\""]),
        ["a number for a word"] = ("\"linear\"", "1", ["schedule is 1; expected one of"]),
        ["a number for text"] = ("\"name\": \"chars\"", "\"name\": 7", ["towers[0].name is 7; expected text, in quotation marks"]),
        ["text for a list"] = ("[\"a.txt\"]", "\"a.txt\"", ["corpora.text.paths is \"a.txt\"; expected a list"]),
        ["text for a truth"] = ("[\"a.txt\"]", "[\"a.txt\"], \"quotes\": \"yes\"", ["corpora.text.quotes is \"yes\"; expected true or false"]),
        ["two characters for one"] = ("[\"a.txt\"]", "[\"a.txt\"], \"separator\": \"ab\"", ["corpora.text.separator is \"ab\"; expected one character"]),
        ["a tower's options unknown"] = ("\"heads\": 4", "\"hads\": 4", ["line 5, column 80", "towers[1].options.hads is not known", "Did you mean 'heads'?"]),
        ["a tower's options wrong"] = ("\"heads\": 4", "\"norm\": \"none\"", ["towers[1].options.norm is \"none\"; expected one of \"pre\", \"post\""]),
        ["a task's options of another task"] = ("\"corpus\": \"text\"", "\"corpus\": \"text\", \"taskOptions\": { \"labels\": 3 }", ["towers[0].taskOptions.labels is not known", "'rate'"]),
        ["the embedder's vocabulary"] = ("\"towers\": [", "\"embedder\": { \"options\": { \"vocabulary\": 9 } }, \"towers\": [", ["embedder.options.vocabulary is not known"]),
        ["the embedder's sizes"] = ("\"towers\": [", "\"embedder\": { \"options\": { \"kernelSize\": 4 } }, \"towers\": [", ["embedder.options.kernelSize is not sound", "odd"]),
        ["a task unknown"] = ("\"categorical\"", "\"catgorical\"", ["line 5, column 32", "towers[1].task is 'catgorical'", "'char-mask', 'mlm', 'causal', 'categorical'", "Did you mean 'categorical'?"]),
        ["a type unknown"] = ("\"corpus\": \"text\"", "\"corpus\": \"text\", \"type\": \"lstm\"", ["towers[0].type is 'lstm'; there are 'transformer', 'strided'"]),
        ["a corpus unknown"] = ("\"corpus\": \"labels\"", "\"corpus\": \"labls\"", ["towers[1].corpus is 'labls'", "'text', 'labels'", "Did you mean 'labels'?"]),
        ["a corpus of nothing"] = ("[\"a.txt\"]", "[]", ["corpora.text.paths is empty"]),
        ["a corpus that is the standard input"] = ("[\"a.txt\"]", "[\"-\"]", ["corpora.text.paths[0] is \"-\""]),
        ["a tower's name"] = ("\"chars\"", "\"../up\"", ["towers[0].name is not sound", "lower-case"]),
        ["a name twice"] = ("\"topic\"", "\"chars\"", ["towers[1].name is 'chars', as another's"]),
        ["the preprocessor's corpora"] = ("\"towers\": [", "\"preprocessor\": { \"corpora\": [\"text\", \"txt\"] }, \"towers\": [", ["preprocessor.corpora[1] is 'txt'", "Did you mean 'text'?"]),
        ["the preprocessor's sizes"] = ("\"towers\": [", "\"preprocessor\": { \"minCount\": 0 }, \"towers\": [", ["preprocessor.minCount is not sound", "expected 1"]),
        ["what the embedder is trained with"] = ("\"towers\": [", "\"embedder\": { \"trainedWith\": \"tpoic\" }, \"towers\": [", ["embedder.trainedWith is 'tpoic'", "Did you mean 'topic'?"]),
        ["a composition of nobody"] = ("\"towers\": [", "\"composition\": { \"towers\": [] }, \"towers\": [", ["composition.towers is empty"]),
        ["a tower twice in it"] = ("\"towers\": [", "\"composition\": { \"towers\": [\"chars\", \"chars\"] }, \"towers\": [", ["composition.towers[1] is 'chars', as another"]),
        ["a file in a folder"] = ("\"towers\": [", "\"composition\": { \"file\": \"../model.onnx\" }, \"towers\": [", ["composition.file is \"../model.onnx\"; expected the name of a file"]),
        ["no file at all"] = ("\"towers\": [", "\"composition\": { \"file\": null }, \"towers\": [", ["composition.textInFile is null, and 'file' too"]),
        ["a probe without vectors"] = ("\"towers\": [", "\"composition\": { \"pooling\": null }, \"evaluation\": { \"probe\": { \"corpus\": \"labels\" } }, \"towers\": [", ["evaluation.probe needs vectors"]),
        ["a share beyond all"] = ("\"towers\": [", "\"evaluation\": { \"heldOutPermille\": 1000 }, \"towers\": [", ["evaluation.heldOutPermille is 1000; expected 1 to 999"]),
        ["too deep"] = ("\"heads\": 4", $"\"heads\": {new string('[', 80)}", ["no JSON"]),
    };

    static IEnumerable<string> FaultNames => Faults.Keys;

    [TestCaseSource(nameof(FaultNames))]
    public void AFaultIsToldWhereItIs(string name)
    {
        var (from, to, expected) = Faults[name];
        var faulty = Good.Replace(from, to, StringComparison.Ordinal);
        Assert.That(faulty, Is.Not.EqualTo(Good), "The test's own text.");
        var fault = Assert.Throws<InvalidDataException>(() => RecipeFile.Parse("my.json", name == "not UTF-8" ? Encoding.Latin1.GetBytes(Good.Replace("a.txt", "é", StringComparison.Ordinal)) : Encoding.UTF8.GetBytes(faulty), new(), new()))!;
        Assert.That(fault.Message, Does.StartWith("'my.json'"));
        foreach (var part in expected)
        {
            Assert.That(fault.Message, Does.Contain(part));
        }
    }

    [Test]
    public void WhatAnApplicationAddsIsKnown()
    {
        var recipe = Good.Replace("\"corpus\": \"text\"", "\"corpus\": \"text\", \"type\": \"trigram\", \"options\": { \"filters\": 5 }", StringComparison.Ordinal);
        var parts = new PartTypes().AddTower<Docs.TrigramTower, Docs.TrigramOptions>("trigram", (embedder, options) => new(embedder, options));
        Assert.That(RecipeFile.Parse("my.json", Encoding.UTF8.GetBytes(recipe), parts, new()).Recipe.Towers[0].Type, Is.EqualTo("trigram"));
        Assert.That(() => Parse(recipe), Throws.TypeOf<InvalidDataException>().With.Message.Contains("towers[0].type is 'trigram'; there are 'transformer', 'strided'"));
    }

    [Test]
    public void WhatIsNoRecipeAtAllIsNotReadIntoMemory()
    {
        using var folder = new TempFolder();
        using (var file = File.Create(folder["large.json"]))
        {
            file.SetLength(1L << 40);       // a hole
        }
        Assert.That(() => RecipeFile.Read(folder["large.json"], new(), new()), Throws.TypeOf<InvalidDataException>().With.Message.Contains("at most"));
        Assert.That(() => RecipeFile.Read(folder["none.json"], new(), new()), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("cclm new"));
        Assert.That(() => RecipeFile.Read(folder.Path, new(), new()), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("is a folder"));
    }

    static RecipeFile Parse(string text) => RecipeFile.Parse("my.json", Encoding.UTF8.GetBytes(text), new(), new());
}
