using System.Text;
using Cclm.Inference;
using Cclm.Tests.Shelves;
using NUnit.Framework;

namespace Cclm.Tests.Fuzz;

[Parallelizable]
public sealed class ComponentFuzzTests : TorchFixture
{
    [Test]
    public void TheReaderTakesOrRefuses()
    {
        var full = ShelfParts.Component() with
        {
            Description = "é 😀",
            Options = System.Text.Json.JsonDocument.Parse("""{"type":"transformer","options":{"layers":2}}""").RootElement,
            Metrics = new Dictionary<string, double> { ["accuracy"] = 0.5 },
            Files = [new("tower.onnx", 12, ShelfParts.Hash('d')), new("inner/file", 0, ShelfParts.Hash('e'))],
        };
        var mutator = new Mutator(2, [.. ((Component[])[full, ShelfParts.Component(), full with { Kind = ComponentKind.Preprocessor }]).Select(component => Encoding.UTF8.GetBytes(component.ToJson()))],
            "\"kind\":", "\"files\":", "\"metrics\":{", "\"parents\":[", "\"options\":", "null", "\"../x\"", "\"con\"", "\\u0000", "\\ud800", ",", "true", "\"path\":\"a/b/c\"");
        Fuzzing.Run("component.json", mutator.Next, json =>
        {
            try
            {
                Component.Parse(json).ToJson();
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }, length => 200_000 + 100L * length);
    }
}
