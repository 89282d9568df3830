using System.Text;
using Cclm.Tests.Fuzz;
using Cclm.Training.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

[Parallelizable]
public sealed class RecipeFuzzTests : TorchFixture
{
    [Test]
    public void TheReaderTakesOrRefuses()
    {
        var (parts, tasks) = (new Cclm.Training.PartTypes(), new Cclm.Training.TaskTypes());
        var mutator = new Mutator(4, [Encoding.UTF8.GetBytes(BuildFolder.RecipeText), Encoding.UTF8.GetBytes(NewRecipe.OfDocumentation()), "{\"corpora\":{\"a\":{\"paths\":[\"b\"]}},\"towers\":[{\"name\":\"t\",\"task\":\"char-mask\",\"corpus\":\"a\"}]}"u8.ToArray()],
            "\"corpora\":{", "\"towers\":[", "\"training\":{", "\"options\":{", "\"taskOptions\":{", "\"paths\":[", "\"pooling\":", "\"composition\":{", "\"evaluation\":{\"probe\":{", "null", "true", "\"mean\"", "\"b\"",
            "\\u0000", "\\ud800", "// ", "/*", "*/", ",", "}", "]", "\n", "\"\"", "\"-\"", "\"embedder\":{\"options\":{\"vocabulary\":4}}", "\uFEFF", "\"$schema\":");
        Fuzzing.Run("recipe", mutator.Next, recipe =>
        {
            try
            {
                return RecipeFile.Parse("recipe.json", recipe, parts, tasks).Recipe.Towers.Count > 0;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }, length => 2_000_000 + (200L * length));
    }
}
