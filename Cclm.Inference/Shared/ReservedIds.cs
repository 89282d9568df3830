namespace Cclm;

/// <summary>The ids that are no characters (docs/model-format.md).</summary>
static class ReservedIds
{
    public const int Padding = 0, Mask = 1, Unknown = 2, Cls = 3, FirstCharacter = 4;
}
