using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>Products with weights in the form that libtorch computes fastest. B batch, T characters.</summary>
/// <remarks>
/// On a CPU that is oneDNN's convolution with channels last, which [B,T,C] already is as an image of one line: nothing is moved in memory before or
/// after it, and a kernel of one position is a linear map, faster than the product of matrices.
/// </remarks>
static class Products
{
    const long FewRows = 512;       // below, starting a convolution costs more than it gains

    const long FewImages = 16;      // below, libtorch has oneDNN convolve with one position in several threads only

    /// <summary>x W^T + b: [..,In] -> [..,Out].</summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias)
    {
        if (!OnCpu(x) || x.dtype != ScalarType.Float32 || x.dim() != 3 || x.shape[0] * x.shape[1] < FewRows)
        {
            return functional.linear(x, weight, bias);
        }
        if (x.shape[0] >= FewImages || get_num_threads() > 1)
        {
            return Image(x, weight.unsqueeze(-1), bias, 1, 0, 1, 1);
        }
        // Positions are as good as images where the kernel is of one.
        return x.shape[0] * x.shape[1] % FewImages == 0
            ? Image(x.reshape(FewImages, -1, x.shape[2]), weight.unsqueeze(-1), bias, 1, 0, 1, 1).reshape(x.shape[0], x.shape[1], -1)
            : functional.linear(x, weight, bias);
    }

    /// <summary>A convolution over time, with zeros around: [B,T,In] -> [B,T',Out].</summary>
    public static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, long stride, long padding, long dilation, long groups) => OnCpu(x)
        ? Image(x, weight, bias, stride, padding, dilation, groups)
        : functional.conv1d(x.transpose(1, 2), weight, bias, stride, padding, dilation, groups).transpose(1, 2);

    static bool OnCpu(Tensor x) => x.device_type == DeviceType.CPU;

    static Tensor Image(Tensor x, Tensor weight, Tensor? bias, long stride, long padding, long dilation, long groups) =>
        functional.conv2d(x.transpose(1, 2).unsqueeze(2), weight.unsqueeze(2), bias, [1, stride], [0, padding], [1, dilation], groups: groups)     // [B,Out,1,T']
            .squeeze(2).transpose(1, 2);
}
