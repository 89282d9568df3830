namespace Cclm.Inference;

/// <summary>Where what one tower says lies in a model's outputs.</summary>
/// <param name="Name">The tower's name.</param>
/// <param name="HiddenStart">Its first channel of <c>hidden</c>.</param>
/// <param name="HiddenWidth">Its number of channels there.</param>
/// <param name="EmbeddingStart">Its first dimension of <c>embedding</c>.</param>
/// <param name="EmbeddingWidth">Its number of dimensions there; 0 where the model has no pooled output, or one that mixes the towers.</param>
public readonly record struct TowerSlice(string Name, int HiddenStart, int HiddenWidth, int EmbeddingStart, int EmbeddingWidth);
