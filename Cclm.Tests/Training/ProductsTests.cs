using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Products in the form that libtorch computes fastest are the products that they stand for, and so are their gradients.</summary>
[Parallelizable]
public sealed class ProductsTests : TorchFixture
{
    // B, T, In, Out, kernel, stride, padding, dilation, groups
    [TestCase(1, 1, 1, 1, 1, 1, 0, 1, 1)]
    [TestCase(3, 7, 10, 4, 3, 1, 1, 1, 1)]
    [TestCase(3, 7, 10, 4, 3, 1, 2, 2, 2)]
    [TestCase(2, 9, 4, 6, 5, 3, 2, 1, 1)]
    [TestCase(17, 33, 32, 48, 3, 1, 1, 1, 1)]
    [TestCase(17, 33, 32, 48, 3, 1, 0, 1, 16)]
    [TestCase(32, 64, 128, 128, 3, 1, 1, 1, 1)]
    public void AConvolutionIsThatOfLibtorchsOwn(int batch, int length, int inputs, int outputs, int kernel, int stride, int padding, int dilation, int groups) => Same(
        [batch, length, inputs], [outputs, inputs / groups, kernel], outputs,
        (x, weight, bias) => Products.Convolve(x, weight, bias, stride, padding, dilation, groups),
        (x, weight, bias) => nn.functional.conv1d(x.transpose(1, 2), weight, bias, stride, padding, dilation, groups: groups).transpose(1, 2));

    [TestCase(1, 1, 1, 1)]
    [TestCase(3, 7, 10, 4)]
    [TestCase(15, 40, 5, 7)]
    [TestCase(4, 128, 10, 7)]           // as images of another shape, in one thread
    [TestCase(1, 528, 3, 5)]
    [TestCase(16, 32, 128, 384)]
    [TestCase(33, 31, 10, 3)]
    public void ALinearMapIsThatOfLibtorchsOwn(int batch, int length, int inputs, int outputs) =>
        Same([batch, length, inputs], [outputs, inputs], outputs, Products.Linear, nn.functional.linear);

    static void Same(long[] input, long[] kernel, int outputs, Func<Tensor, Tensor, Tensor?, Tensor> ours, Func<Tensor, Tensor, Tensor?, Tensor> theirs)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        foreach (var transposed in (bool[])[false, true])
        {
            Tensor Leaf(long[] shape) => randn(shape, requires_grad: true);
            var (x, weight, bias) = (transposed ? Leaf([input[0], input[2], input[1]]) : Leaf(input), Leaf(kernel), Leaf([outputs]));
            var found = All(ours);
            Assert.That(found.Zip(All(theirs), (our, their) => Error(our, their)), Is.All.LessThan(1e-5), "value, and gradients of input, weight and bias");

            Tensor[] All(Func<Tensor, Tensor, Tensor?, Tensor> product)
            {
                var y = product(transposed ? x.transpose(1, 2) : x, weight, bias);
                return [y.contiguous(), .. autograd.grad([y.tanh().sum()], [x, weight, bias])];
            }
        }
    }

    static float Error(Tensor actual, Tensor expected) => actual.sub(expected).abs().max().item<float>() / Math.Max(expected.abs().max().item<float>(), 1e-6f);
}
