namespace Cclm.Inference;

/// <summary>A tag in its parts: of <c>B-PER</c>, B and PER. One without hyphen, such as <c>O</c>, has no type; a type may have hyphens.</summary>
readonly record struct Tag(string Prefix, string Type)
{
    public static Tag Outside { get; } = new("O", "");

    public static Tag Parse(string text) => text.IndexOf('-', StringComparison.Ordinal) is var hyphen and >= 0 ? new(text[..hyphen], text[(hyphen + 1)..]) : new(text, "");

    public override string ToString() => Type.Length == 0 ? Prefix : $"{Prefix}-{Type}";
}
