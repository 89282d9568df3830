using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>What the pieces read: summaries of the .NET API documentation, one after another.</summary>
static class PieceTexts
{
    static readonly Lazy<string> All = new(() => string.Join(' ', Summaries(20_000)).ReplaceLineEndings(" "));

    /// <summary>Summaries as they are.</summary>
    public static string[] Summaries(int count) => [.. ApiDocumentation.Read().Take(count).Select(member => member.Summary)];

    /// <summary>Texts that fill a <see cref="ReferenceModel"/>, CLS with them.</summary>
    public static string[] Full(int count) => [.. All.Value.Chunk(ReferenceModel.Length - 1).Take(count).Select(characters => new string(characters))];
}
