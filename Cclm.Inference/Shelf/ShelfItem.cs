namespace Cclm.Inference;

/// <summary>An item that was fetched: what it says of itself, and where its files are.</summary>
/// <param name="Component">Its <c>component.json</c>; its files were checked against it.</param>
/// <param name="Folder">The folder, in the cache; not to be changed.</param>
public sealed record ShelfItem(Component Component, string Folder)
{
    /// <summary>The item's <c>.onnx</c> file: an embedder's or tower's subgraph, which a composer takes, or a composed model.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    public string OnnxFile => FileOf(Component.Kind == ComponentKind.Composed ? "model.onnx" : $"{Component.Kind.ItemType}.onnx");

    /// <summary>The item's weights to train on.</summary>
    /// <inheritdoc cref="OnnxFile"/>
    public string WeightsFile => FileOf($"{Component.Kind.ItemType}.safetensors");

    /// <summary>The preprocessor of a preprocessor or embedder.</summary>
    /// <inheritdoc cref="OnnxFile"/>
    public string PreprocessorFile => FileOf("preprocessor.json");

    /// <summary>Checks that a tower or embedder belongs on what it is about to be put on.</summary>
    /// <param name="parent">The embedder under a tower, the preprocessor of an embedder, or the tower of a head.</param>
    /// <exception cref="InvalidDataException">It was trained on another, or with another vocabulary; the message names both.</exception>
    public void EnsureStandsOn(ShelfItem parent)
    {
        ArgumentNullException.ThrowIfNull(parent);
        if (Component.Vocabulary != parent.Component.Vocabulary)
        {
            throw new InvalidDataException($"The {Name(Component)} was trained with the vocabulary {Component.Vocabulary}, but the {Name(parent.Component)} with {parent.Component.Vocabulary}. " +
                "Fetch parts that share one preprocessor.");
        }
        var named = Component.Parents.FirstOrDefault(item => item.Kind == parent.Component.Kind)?.Hash;
        var given = parent.Component.Weights ?? parent.Component.Vocabulary;
        if (named != given)
        {
            throw new InvalidDataException($"The {Name(Component)} stands on the {parent.Component.Kind.ItemType} {named ?? "(none named)"}, but the {Name(parent.Component)} is {given}. " +
                $"Fetch the {parent.Component.Kind.ItemType} that it was trained on, or another version of it.");
        }

        static string Name(Component component) => $"{component.Kind.ItemType} '{component.Identifier}'";
    }

    string FileOf(string name) => Component.Files.Any(file => file.Path == name) ? Path.Combine(Folder, name)
        : throw new InvalidDataException($"The {Component.Kind.ItemType} '{Component.Identifier}' has no '{name}'; it has {string.Join(", ", Component.Files.Select(file => $"'{file.Path}'"))}.");
}
