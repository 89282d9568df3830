namespace Cclm.Inference;

/// <summary>An item as a folder: <c>component.json</c>, a model card <c>README.md</c>, and its files.</summary>
public static class ComponentFolder
{
    const string CardName = "README.md";

    /// <summary>Makes an item of the files in a folder: writes the model card, hashes the files, and writes <c>component.json</c>.</summary>
    /// <param name="folder">The folder with the item's files.</param>
    /// <param name="component">What the item says of itself; its <see cref="Component.Files"/> are filled in.</param>
    /// <returns>The component with its files.</returns>
    /// <exception cref="InvalidDataException">Something in it can not be, such as a version with a slash.</exception>
    public static Component Seal(string folder, Component component)
    {
        AtomicFile.Write(Path.Combine(folder, CardName), ModelCard.Of(component));
        var sealedComponent = component with
        {
            Files = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => (File: file, Name: Path.GetRelativePath(folder, file).Replace('\\', '/')))
                .Where(file => file.Name != ComponentDocument.FileName)
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => new ComponentFile(file.Name, new FileInfo(file.File).Length, FileHash.Of(file.File)))],
        };
        AtomicFile.Write(Path.Combine(folder, ComponentDocument.FileName), sealedComponent.ToJson());
        return sealedComponent;
    }

    /// <summary>Reads an item and checks each of its files.</summary>
    /// <exception cref="InvalidDataException">A file is missing, too many, or not what <c>component.json</c> says.</exception>
    public static Component Read(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, ComponentDocument.FileName));
        if (file is not { Exists: true, Length: <= StrictJson.MaxBytes })
        {
            throw new InvalidDataException($"'{file.FullName}' is missing or too long. Expected the folder of an item, as 'cclm shelf fetch' makes it.");
        }
        Component component;
        try
        {
            component = Component.Parse(File.ReadAllBytes(file.FullName));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file.FullName}': {e.Message}", e);
        }
        foreach (var listed in component.Files)
        {
            Check(folder, listed);
        }
        var listedPaths = component.Files.Select(listed => listed.Path).Append(ComponentDocument.FileName).ToHashSet();
        if (Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .FirstOrDefault(path => !listedPaths.Contains(path)) is { } unlisted)
        {
            throw new InvalidDataException($"'{folder}' has the file '{unlisted}', which its component.json does not list.");
        }
        return component;
    }

    static void Check(string folder, ComponentFile listed)
    {
        var file = new FileInfo(Path.Combine(folder, listed.Path));
        if (!file.Exists || file.Length != listed.Size)
        {
            throw new InvalidDataException($"'{file.FullName}' {(file.Exists ? $"has {file.Length:N0} bytes" : "is missing")}; component.json lists it with {listed.Size:N0}.");
        }
        if (FileHash.Of(file.FullName) is var found && found != listed.Sha256)
        {
            throw new InvalidDataException($"'{file.FullName}' has the SHA-256 {found}, but component.json lists {listed.Sha256}: it was changed or damaged.");
        }
    }
}
