using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Tests.Data;

public sealed class WeightsTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    sealed class Net : Module<Tensor, Tensor>
    {
        readonly Embedding characters;
        readonly Linear up;
        readonly BatchNorm1d norm;          // has buffers, one of them int64

        public Net(int width) : base(nameof(Net))
        {
            (characters, up, norm) = (Embedding(7, 3), Linear(3, width), BatchNorm1d(width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor ids) => norm.call(up.call(characters.call(ids)).transpose(1, 2));
    }

    [Test]
    public void AModuleComputesTheSameAfterItWasSavedAndLoaded()
    {
        using var scope = NewDisposeScope();
        Net saved = new(5), loaded = new(5);
        var ids = tensor((long[])[0, 6, 3, 3, 1, 2], [3, 2]);
        saved.call(ids);                    // moves the norm's buffers
        saved.eval();
        loaded.eval();

        Weights.Save(saved, folder["net.safetensors"], new Dictionary<string, string> { ["vocabulary"] = "abc" });
        var metadata = Weights.Load(loaded, folder["net.safetensors"]);

        Assert.That(metadata["vocabulary"], Is.EqualTo("abc"));
        Assert.That(loaded.call(ids).data<float>().ToArray(), Is.EqualTo(saved.call(ids).data<float>().ToArray()));
        Assert.That(loaded.state_dict()["norm.num_batches_tracked"].item<long>(), Is.EqualTo(1));
        Assert.That(loaded.parameters().All(parameter => parameter.requires_grad), Is.True);
    }

    [Test]
    public void TheFileHoldsTheStateUnderItsOwnKeys()
    {
        using var net = new Net(5);
        Weights.Save(net, folder["net.safetensors"]);

        var file = Safetensors.Read(folder["net.safetensors"]);

        Assert.That(file.Tensors.Keys, Is.EquivalentTo(net.state_dict().Keys));
        Assert.That(file.Tensors["up.weight"].Shape, Is.EqualTo((long[])[5, 3]));
        Assert.That(file.Tensors["norm.num_batches_tracked"].DType, Is.EqualTo("I64"));
    }

    [Test]
    public void AViewIsSavedAsItReads()
    {
        using var scope = NewDisposeScope();
        var linear = Linear(2, 3, hasBias: false);
        linear.weight = Parameter(tensor(new float[] { 0, 1, 2, 3, 4, 5 }).reshape(2, 3).t());          // [3,2], not contiguous
        Weights.Save(linear, folder["file"]);

        Weights.Load(linear, folder["file"]);

        Assert.That(linear.weight!.contiguous().data<float>().ToArray(), Is.EqualTo((float[])[0, 3, 1, 4, 2, 5]));
    }

    [Test]
    public void EveryDifferenceIsListedAndNothingIsHalfLoaded()
    {
        using var scope = NewDisposeScope();
        var net = new Net(5);
        Weights.Save(net, folder["net.safetensors"]);
        var tensors = Safetensors.Read(folder["net.safetensors"]).Tensors;
        Safetensors.Write(folder["other.safetensors"],
        [
            .. tensors.Values.Where(tensor => tensor.Name is not ("up.weight" or "up.bias" or "norm.num_batches_tracked")),
            new("up.weight", "F32", [3, 5], new byte[60]), new("norm.num_batches_tracked", "F64", [], new byte[8]), new("down.weight", "F32", [1], new byte[4]),
        ]);
        var before = Values(net);
        foreach (var parameter in net.parameters())
        {
            using var frozen = no_grad();
            parameter.add_(Scalars.One, Scalars.One);
        }
        var changed = Values(net);

        Assert.That(() => Weights.Load(net, folder["other.safetensors"]), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(
            $"'{folder["other.safetensors"]}' does not hold the weights of this Net: 'norm.num_batches_tracked' is F64 [], expected I64 []; " +
            "'up.bias' is missing, expected F32 [5]; 'up.weight' is F32 [3, 5], expected F32 [5, 3]; 'down.weight' is unknown to the module."));
        Assert.That(Values(net), Is.EqualTo(changed).And.Not.EqualTo(before));
    }

    [Test]
    public void AWeightOfAnotherTypeIsNotSaved()
    {
        using var half = Linear(2, 3).to(float16);

        Assert.That(() => Weights.Save(half, folder["file"]), Throws.ArgumentException.With.Message.Contains("'weight' is Float16; expected Float32 or Int64"));
        Assert.That(File.Exists(folder["file"]), Is.False);
    }

    static float[] Values(Module module) => [.. module.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
}
