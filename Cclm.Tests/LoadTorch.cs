using System.Runtime.CompilerServices;
using Cclm.Training;

namespace Cclm.Tests;

static class LoadTorch
{
    /// <summary>A test may touch TorchSharp before anything of Cclm.Training; see <see cref="TorchLibrary"/>.</summary>
    [ModuleInitializer]
    internal static void OnLoad() => TorchLibrary.Prepare();
}
