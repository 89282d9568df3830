using Onnx;

namespace Cclm.Export;

/// <summary>Takes composed models apart, and replaces their towers.</summary>
/// <remarks><c>decompose(compose(parts)) = parts</c>, to the byte; each part is compared with the hashes that the composed model has of it.</remarks>
public static class Decomposer
{
    /// <summary>The parts that a model was composed of, equal to the files that <see cref="Composer.Compose"/> was given.</summary>
    /// <param name="composed">A composed model, which reads ids or text; it is not changed. Its weights are shared, not copied.</param>
    /// <exception cref="OnnxModelException">It is no composed model, says nothing of its parts' files, or was changed after it was composed.</exception>
    public static Decomposition Decompose(ModelProto composed)
    {
        ArgumentNullException.ThrowIfNull(composed);
        var metadata = ModelProperties.Metadata(composed);
        if (metadata.Kind != "composed" || metadata.Parts.Count == 0)
        {
            throw new OnnxModelException($"The model is of kind '{metadata.Kind}', one part by itself; expected a composed model. Give the file that 'cclm compose' wrote.");
        }
        if (metadata.Parts[0].Path != "embedder" || metadata.Parts.DistinctBy(part => part.Path).Count() < metadata.Parts.Count)
        {
            throw new OnnxModelException($"The model's metadata 'cclm.parts' names {string.Join(", ", metadata.Parts.Select(part => part.Path))}; expected the embedder first, and each part once. " +
                "It was edited; compose the model again.");
        }
        if (metadata.Precision is { } precision)
        {
            throw new OnnxModelException($"The model was converted to {precision}, so the files of its parts can not be restored. Take apart the float32 model that it was made from.");
        }
        var parts = metadata.Parts.Select(part => (part.Path, part.Name, Model: Restore(composed, part))).ToArray();
        IReadOnlyList<(string Name, ModelProto Model)> Of(string kind) => [.. parts.Where(part => part.Path == $"{kind}.{part.Name}").Select(part => (part.Name, part.Model))];
        var (embedder, towers, heads) = (parts[0].Model, Of("towers"), Of("heads"));
        return new(embedder, towers, new()
        {
            Pooling = metadata.Pooling is { } words ? PoolingOptions.Parse(words) : null,
            Heads = heads,
            AllowOtherEmbedder = StandOnOthers(metadata, towers, heads),
        }, composed.Graph.Input.Any(input => input.Name == ModelNames.Text));
    }

    /// <summary>The model with another tower in the place of one: every other tower's slice of the outputs stays as it is, to the bit.</summary>
    /// <param name="composed">A composed model; it is not changed.</param>
    /// <param name="tower">The name of the tower to replace, which the new one has from then on.</param>
    /// <param name="replacement">The new tower.</param>
    /// <param name="allowOtherEmbedder">Whether it may have been trained on another embedder, and whether heads may read it that were trained on the old one.</param>
    /// <exception cref="ArgumentException">The model has no such tower.</exception>
    /// <exception cref="OnnxModelException">The tower does not fit, a head was trained on the old one, or the model can not be taken apart.</exception>
    public static ModelProto Replace(ModelProto composed, string tower, ModelProto replacement, bool allowOtherEmbedder = false)
    {
        var parts = Decompose(composed);
        var names = parts.Towers.Select(part => part.Name).ToArray();
        if (!names.Contains(tower))
        {
            throw new ArgumentException($"The model has no tower '{tower}'{Suggestion.Among(tower, names)}", nameof(tower));
        }
        parts = parts with { Towers = [.. parts.Towers.Select(part => part.Name == tower ? (tower, replacement) : part)] };
        if (parts.Options.AllowOtherEmbedder && !allowOtherEmbedder)
        {
            EnsureFits(parts, tower);       // that an older part does not fit says nothing of the new one
        }
        return (parts with { Options = parts.Options with { AllowOtherEmbedder = parts.Options.AllowOtherEmbedder || allowOtherEmbedder } }).Compose();
    }

    static ModelProto Restore(ModelProto composed, ModelPart part)
    {
        var record = PartRecord.Read(composed, part.Path);
        var file = record.Restore(composed, part.Path);
        if (file is not null && record.IsOf(file))
        {
            return file;
        }
        var hash = WeightsHash.Of(composed, $"{part.Path}.");
        throw new OnnxModelException(hash == part.Weights
            ? $"The graph or the metadata of part '{part.Name}' were changed after the model was composed, by an optimizer or by hand, so its file can not be restored. Take apart the file that was composed."
            : $"The weights of part '{part.Name}' hash to {hash}, but the model's metadata says {part.Weights}: they were changed after the model was composed. Take apart the file that was composed.");
    }

    static bool StandOnOthers(ModelMetadata metadata, IReadOnlyList<(string Name, ModelProto Model)> towers, IReadOnlyList<(string Name, ModelProto Model)> heads)
    {
        var weights = metadata.Parts.Where(part => part.Head is null).ToDictionary(part => part.Path, part => part.Weights);
        return towers.Concat(heads).Select(part => ModelProperties.Metadata(part.Model)).Any(part => part.Embedder != weights["embedder"]
            || (part.Head is { } head && head.Towers.Any(tower => weights.GetValueOrDefault($"towers.{tower.Name}") != tower.Weights)));
    }

    static void EnsureFits(Decomposition parts, string tower)
    {
        var embedder = Part.Embedder(parts.Embedder);
        var towers = parts.Towers.Select(part => Part.Tower(part.Name, part.Model)).ToArray();
        towers.Single(part => part.Name == tower).EnsureFits(embedder, allowOtherEmbedder: false);
        foreach (var head in parts.Options.Heads.Select(part => Part.Head(part.Name, part.Model)).Where(head => head.Metadata.Head!.Towers.Any(read => read.Name == tower)))
        {
            head.EnsureReads(embedder, towers, allowOthers: false);
        }
    }
}
