using System.Collections.Concurrent;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

[assembly: LevelOfParallelism(64)]      // those that wait for their turn hold a thread, and no processor

namespace Cclm.Tests;

/// <summary>
/// A fixture that runs beside others, but one after another with those of the same resource: training in this process
/// shares the seed and the thread count of <see cref="Torch"/>, and <see cref="Commands"/> keep a processor busy each.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
sealed class OneAtATimeAttribute(string resource) : ParallelizableAttribute(ParallelScope.Self), ITestAction
{
    public const string Torch = "torch", Commands = "commands";

    static readonly ConcurrentDictionary<string, SemaphoreSlim> Turns = [];

    public ActionTargets Targets => ActionTargets.Suite;

    public void BeforeTest(ITest test) => Turn(resource).Wait();

    public void AfterTest(ITest test) => Turn(resource).Release();

    /// <summary>Runs a part of another fixture in its turn.</summary>
    public static void Run(string resource, Action act)
    {
        Turn(resource).Wait();
        try
        {
            act();
        }
        finally
        {
            Turn(resource).Release();
        }
    }

    static SemaphoreSlim Turn(string resource) => Turns.GetOrAdd(resource, _ => new(1));
}
