using System.Runtime.InteropServices;
using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class WeightsHashTests
{
    static readonly float[] Numbers = [1, -2, 0.5f, 0, 3, 4];

    static ModelProto Model(params (string Name, long[] Shape)[] weights)
    {
        var graph = new OnnxGraph("g");
        foreach (var (name, shape) in weights)
        {
            graph.Initializer(name, Numbers, shape);
        }
        graph.Scalar(1f);       // a constant, which is no weight
        return graph.ToModel();
    }

    [Test]
    public void AFileAndAStateDictHaveOneHashInAnyOrder()
    {
        var bytes = MemoryMarshal.AsBytes<float>(Numbers).ToArray();
        var expected = WeightsHash.Of([("b", [6], bytes), ("a", [2, 3], bytes)]);
        Assert.That(WeightsHash.Of(Model(("a", [2, 3]), ("b", [6]))), Is.EqualTo(expected));
        Assert.That(WeightsHash.Of(Model(("b", [6]), ("a", [2, 3]))), Is.EqualTo(expected));
    }

    [Test]
    public void TheHashIsPinned() =>
        Assert.That(WeightsHash.Of([("a", [1], new byte[] { 0, 0, 0x80, 0x3f })]), Is.EqualTo("1d3edc1225102ddb0f5a16576ffda85b1ec5a3b24fb4a925b8367879b9651c55"));

    [Test]
    public void NamesShapesTypesAndNumbersCount()
    {
        var other = Model(("a", [6]));
        other.Graph.Initializer[0].RawData = Google.Protobuf.ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([1, -2, 0.5f, 0, 3, 5]));
        var integers = Model(("a", [6]));
        integers.Graph.Initializer[0].DataType = (int)DataType.Int32;
        string[] hashes = [.. ((ModelProto[])[Model(("a", [6])), Model(("b", [6])), Model(("a", [2, 3])), Model(("a", [6]), ("b", [6])), other, integers]).Select(WeightsHash.Of)];
        Assert.That(hashes, Is.Unique);
    }

    [Test]
    public void TheFormInWhichNumbersAreStoredDoesNotCount()
    {
        var raw = Model(("a", [6]));
        var typed = raw.Clone();
        typed.Graph.Initializer[0].ClearRawData();
        typed.Graph.Initializer[0].FloatData.AddRange(Numbers);
        Assert.That(WeightsHash.Of(typed), Is.EqualTo(WeightsHash.Of(raw)));
    }

    [Test]
    public void APartKeepsItsHashInsideAComposedModel()
    {
        var embedder = TinyParts.Embedder();
        var (a, b) = (TinyParts.Tower(embedder, 3), TinyParts.Tower(embedder, 4, seed: 9));
        var composed = Composer.Compose(embedder, [("a", a), ("b", b)]);
        Assert.That(WeightsHash.Of(composed, "embedder."), Is.EqualTo(WeightsHash.Of(embedder)));
        Assert.That(WeightsHash.Of(composed, "towers.a."), Is.EqualTo(WeightsHash.Of(a)));
        Assert.That(WeightsHash.Of(composed, "towers.b."), Is.EqualTo(WeightsHash.Of(b)));
    }

    [Test]
    public void DataInAnotherFileIsRefusedByName()
    {
        var model = Model(("a", [6]));
        model.Graph.Initializer[0].DataLocation = DataLocation.External;
        Assert.That(() => WeightsHash.Of(model), Throws.TypeOf<OnnxModelException>().With.Message.Contains("'a'").And.Message.Contains("another file"));
    }
}
