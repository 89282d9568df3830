using Cclm.Export;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>Compositions of many shapes: what went in, and whether text comes in.</summary>
static class Compositions
{
    public static readonly ModelProto Base = TinyParts.Embedder();
    public static readonly (string Name, ModelProto Model) A = ("a", TinyParts.Tower(Base, 3));
    public static readonly (string Name, ModelProto Model) B = ("ab", TinyParts.Tower(Base, 4, seed: 5));
    public static readonly (string Name, ModelProto Model) C = ("c_0", TinyParts.Tower(Base, 1, seed: 6));

    public static readonly (string Name, ModelProto Model) OnAll = ("all", OddParts.Head(Base, 7, 2, A, B));
    public static readonly (string Name, ModelProto Model) OnB = ("b", OddParts.Head(Base, 4, 5, B));

    /// <summary>All of them as test cases of one argument.</summary>
    public static IEnumerable<TestCaseData> All() => Rows().Select(row => new TestCaseData(row.Parts).SetArgDisplayNames(row.Name));

    static IEnumerable<(string Name, Decomposition Parts)> Rows()
    {
        yield return ("one tower", Of(Base, [A]));
        yield return ("three towers, not by name", Of(Base, [B, C, A]));
        yield return ("one model twice", Of(Base, [A, ("b", A.Model)]));
        foreach (var pooling in Enum.GetValues<Pooling>())
        {
            yield return ($"pooled by {pooling}", Of(Base, [A, B], new() { Pooling = new(pooling) }));
        }
        yield return ("pooled, as it is", Of(Base, [A], new() { Pooling = new(Pooling.MeanMax) { LayerNorm = false, Normalise = false } }));
        yield return ("heads", Of(Base, [A, B], new() { Pooling = new(Pooling.Max), Heads = [OnB, OnAll] }));
        yield return ("text in", Of(Base, [A, B], new() { Pooling = new(Pooling.Mean), Heads = [OnB] }) with { TextIn = true });
        yield return ("another embedder", Of(TinyParts.Embedder(seed: 8), [A], new() { AllowOtherEmbedder = true }));
        foreach (var (name, change) in Changes)
        {
            yield return (name, Of(Base, [("odd", OddParts.Tower(Base, change)), A]));
        }
        yield return ("older and newer", Of(Base, [("older", OddParts.Tower(Base, OddParts.Age)), A, ("newer", OddParts.Tower(Base, OddParts.Renew))], new() { Pooling = new(Pooling.Max) }));
        yield return ("all of it", Of(Base, [("odd", OddParts.Tower(Base, tower => { OddParts.Branch(tower); OddParts.Annotate(tower); OddParts.Surround(tower); OddParts.Document(tower); OddParts.Unname(tower); })), A]));
        var embedder = TinyParts.Embedder();
        OddParts.Document(embedder);
        yield return ("an embedder of others", Of(embedder, [A]) with { TextIn = true });
        var inner = Of(Base, [A, B]).Compose();
        yield return ("composed embedder", Of(inner, [("c", TinyParts.Tower(inner, 2, reads: 7))], new() { Pooling = new(Pooling.Cls) }));
        var pooled = Of(Base, [A, ("branch", OddParts.Tower(Base, OddParts.Branch))], new() { Pooling = new(Pooling.MeanMax) }).Compose();
        var middle = Of(pooled, [("b", TinyParts.Tower(pooled, 2, reads: 6)), ("a", TinyParts.Tower(pooled, 3, reads: 6))], new() { Pooling = new(Pooling.Mean) }).Compose();
        yield return ("composed of composed", Of(middle, [("a", TinyParts.Tower(middle, 4, reads: 5))], new() { Pooling = new(Pooling.Mean) }) with { TextIn = true });
    }

    static readonly (string, Action<ModelProto>)[] Changes =
    [
        ("a documented tower", OddParts.Document), ("nodes without names", OddParts.Unname), ("dimensions of its own", OddParts.NameDimensions), ("annotations", OddParts.Annotate),
        ("branches", OddParts.Branch), ("a function", OddParts.Call), ("a default and an output more", OddParts.Surround), ("an older operator set", OddParts.Age), ("a newer operator set", OddParts.Renew),
    ];

    static Decomposition Of(ModelProto embedder, (string, ModelProto)[] towers, CompositionOptions? options = null) => new(embedder, towers, options ?? new(), TextIn: false);
}
