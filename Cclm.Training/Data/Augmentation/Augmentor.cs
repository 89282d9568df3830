namespace Cclm.Training.Data;

/// <summary>Changes a text as its writers might have written it, so that a model learns to see past such changes.</summary>
/// <remarks>Augmentors are safe for use by several threads, each with a <see cref="Random"/> of its own.</remarks>
/// <param name="text">The text as it is.</param>
/// <param name="random">All chance comes from here: one seed, one result.</param>
/// <returns>The changed text; the same one where nothing changed.</returns>
public delegate string Augmentor(string text, Random random);
