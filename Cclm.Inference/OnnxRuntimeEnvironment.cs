using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cclm.Inference;

/// <summary>The native environment that ONNX Runtime reads when it starts.</summary>
public static partial class OnnxRuntimeEnvironment
{
    const string OptOut = "ORT_DISABLE_TELEMETRY";

    /// <summary>Turns ONNX Runtime's telemetry off, and on Linux lets freed models go back to the system. It has to run before the first use of ONNX Runtime in the process.</summary>
    /// <remarks>
    /// ONNX Runtime sends telemetry, and keeps a device identifier in the user's home, unless the variable ORT_DISABLE_TELEMETRY is in
    /// the native environment when it starts (Privacy.md in its package). This library runs the method when it is loaded; code that may
    /// reach ONNX Runtime before it touches this library calls it first. It may be called any number of times. A value that the process
    /// was started with stays, so <c>ORT_DISABLE_TELEMETRY=0</c> is how an operator consents.
    /// </remarks>
#pragma warning disable CA2255 // The order is the point: no path through this library may reach ONNX Runtime before this has run.
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void Prepare()
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(OptOut, Environment.GetEnvironmentVariable(OptOut) ?? "1");
        }
        else
        {
            // Environment.SetEnvironmentVariable changes .NET's own copy alone, which native code never sees.
            _ = SetNative(OptOut, "1", overwrite: 0);
        }
        NativeMemory.ReturnLargeBlocks();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
