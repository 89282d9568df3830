using Cclm.Training.App;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>Which rows are a shard's, and how the environment says which shard it is.</summary>
public sealed class ShardTests
{
    [Test]
    public void ShardsTogetherAreTheWholeInOrderAndOneSize([Values(0, 1, 7, 100, 4097)] int rows, [Values(1, 2, 3, 8, 101)] int count)
    {
        var parts = Enumerable.Range(1, count).Select(number => new Shard(number, count).Part(rows)).ToList();
        Assert.That(parts.SelectMany(part => Enumerable.Range((int)part.First, (int)(part.End - part.First))), Is.EqualTo(Enumerable.Range(0, rows)));
        Assert.That(parts.Max(part => part.End - part.First) - parts.Min(part => part.End - part.First), Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void RowsBeyondTheLargestProductAreDealt() =>
        Assert.That(new Shard(99_999, 99_999).Part(long.MaxValue), Is.EqualTo(((long)((Int128)long.MaxValue * 99_998 / 99_999), long.MaxValue)));

    [TestCase("vectors.npy", "vectors-00003-of-00008.npy")]
    [TestCase("a.b/c.d.parquet", "a.b/c.d-00003-of-00008.parquet")]
    public void AShardsFileHasItsNumber(string file, string expected) =>
        Assert.That(new Shard(3, 8).NameOf(file).Replace('\\', '/'), Is.EqualTo(expected));

    [TestCase("3/8", "", "3/8")]
    [TestCase("1/1", "", "1/1")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8", "1/8")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=8 CCLM_SHARDS=8", "8/8")]
    [TestCase("auto", "JOB_COMPLETION_INDEX=0 CCLM_SHARDS=5", "1/5")]
    [TestCase("auto", "JOB_COMPLETION_INDEX=4 CCLM_SHARDS=5", "5/5")]
    [TestCase("3/8", "JOB_COMPLETION_INDEX=4 CCLM_SHARDS=5", "3/8")]
    public void AShardIsRead(string text, string environment, string expected) => Assert.That(Parse(text, environment).ToString(), Is.EqualTo(expected));

    [TestCase("0/8", "", "from 1 to 8")]
    [TestCase("9/8", "", "from 1 to 8")]
    [TestCase("1/0", "", "from 1 to 0")]
    [TestCase("-1/8", "", "such as 3/8")]
    [TestCase("3", "", "such as 3/8")]
    [TestCase("3/8/1", "", "such as 3/8")]
    [TestCase("three/8", "", "such as 3/8")]
    [TestCase("auto", "", "neither")]
    [TestCase("auto", "JOB_COMPLETION_INDEX=5 CCLM_SHARDS=5", "counted from 0")]
    [TestCase("auto", "JOB_COMPLETION_INDEX=0", "CCLM_SHARDS")]
    [TestCase("auto", "JOB_COMPLETION_INDEX=x CCLM_SHARDS=5", "whole number")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_MIN")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=2", "2 tasks from 3 to 7")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=4", "4 tasks from 1 to 7")]
    [TestCase("auto", "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=2 SLURM_ARRAY_TASK_COUNT=2 CCLM_SHARDS=8", "CCLM_SHARDS is 8")]
    public void AnotherIsRefused(string text, string environment, string message) =>
        Assert.That(() => Parse(text, environment), Throws.ArgumentException.With.Message.Contains(message));

    static Shard Parse(string text, string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return Shard.Parse(text, variables.GetValueOrDefault);
    }
}
