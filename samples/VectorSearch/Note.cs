using Microsoft.Extensions.VectorData;

namespace VectorSearch;

/// <summary>A text that is searched.</summary>
/// <param name="Line">Where it stands in its file.</param>
/// <param name="Text">The text.</param>
sealed record Note([property: VectorStoreKey] int Line, [property: VectorStoreData] string Text);
