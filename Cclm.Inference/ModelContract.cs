using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Cclm.Inference;

/// <summary>What a composed model takes and gives, read from its metadata and checked against its graph.</summary>
/// <param name="Preprocessor">Turns text to its ids.</param>
/// <param name="Weights">SHA-256 of its weights.</param>
/// <param name="ReadsText">Whether its input is <c>text</c> rather than <c>ids</c>.</param>
/// <param name="HiddenWidth">C of <c>hidden</c>, [B,T,C].</param>
/// <param name="Dimensions">D of <c>embedding</c>, [B,D]; 0 where there is none.</param>
/// <param name="Towers">The slices, in order.</param>
/// <param name="Heads">What answers, in order.</param>
sealed record ModelContract(
    Preprocessor Preprocessor, string Weights, bool ReadsText, int HiddenWidth, int Dimensions, IReadOnlyList<TowerSlice> Towers, IReadOnlyList<CclmHead> Heads)
{
    /// <summary>The positions of a text's own: at least one step of the model, also where the text is empty.</summary>
    public int OwnLength(string text) => Math.Max(Preprocessor.Length(text), Preprocessor.Options.DownsampleFactor);

    /// <summary>What texts are padded to where the longest has an own length; a graph that reads text pads them itself.</summary>
    public int PaddedLength(int length) => ReadsText ? length : LengthBatches.Padded(length, Preprocessor.Options);

    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public TowerSlice Tower(string name) => Towers.Any(tower => tower.Name == name) ? Towers.First(tower => tower.Name == name)
        : throw new ArgumentException($"The model has no tower '{name}'; it has {Names(Towers.Select(tower => tower.Name))}.", nameof(name));

    /// <summary>The head that answers so, by its name or as the only one.</summary>
    /// <param name="name">Its name; null for the only one.</param>
    /// <param name="tags">Whether it is to tag words, rather than to classify texts.</param>
    /// <exception cref="CclmModelException">None was named, and there is none that does, or several.</exception>
    /// <exception cref="ArgumentException">No head of that name does.</exception>
    public CclmHead Head(string? name, bool tags)
    {
        var fitting = Heads.Where(head => head.Task == CclmHeadTask.Tagging == tags).ToList();
        var (does, those) = (tags ? "tags words" : "classifies", NamesOrNone(fitting));
        var all = fitting.Count == Heads.Count ? "" : $" All its heads are {NamesOrNone(Heads)}.";
        if (name is not null)
        {
            return fitting.Find(head => head.Name == name) ?? throw new ArgumentException($"The model has no head '{name}' that {does}; it has {those}.{all}", nameof(name));
        }
        return fitting is [var only] ? only
            : throw new CclmModelException($"Which head is to answer? Of one that {does} the model has {those}.{all} {(fitting.Count > 0 ? "Name one." : "Compose it with one ('cclm compose --heads').")}");
    }

    /// <exception cref="InvalidDataException">It is not a composed CCLM model, or its metadata and graph disagree.</exception>
    public static ModelContract Read(InferenceSession session)
    {
        var metadata = ModelMetadata.Parse(session.ModelMetadata.CustomMetadataMap);
        if (metadata.Kind != "composed")
        {
            throw new InvalidDataException($"The file holds one part of a model ({metadata.Kind}); expected a composed model. " +
                "Compose it with the other parts ('cclm compose') and load the file that this writes.");
        }
        var preprocessor = Preprocessor.FromJson(metadata.Preprocessor
            ?? throw new InvalidDataException("The model's metadata has no 'cclm.preprocessor', so text cannot be turned to its ids. " +
                "Compose the model again."));
        if (preprocessor.Vocabulary.Hash != metadata.Vocabulary)
        {
            throw new InvalidDataException($"The model's preprocessor has the vocabulary {preprocessor.Vocabulary.Hash} but its weights " +
                $"were trained with {metadata.Vocabulary}: the metadata was edited. Compose the model again.");
        }
        var readsText = ReadsTextInput(session);
        var hidden = Width(session, ModelNames.Hidden, rank: 3)
            ?? throw new InvalidDataException($"The model has no output '{ModelNames.Hidden}' but {Names(session.OutputNames)}. " +
                "Compose the model again.");
        var dimensions = Width(session, ModelNames.Embedding, rank: 2) ?? 0;
        var towers = metadata.Parts.Skip(1).Where(part => part.Head is null);       // the first is the embedder
        var heads = metadata.Parts.Where(part => part.Head is not null).Select(part => Head(session, part.Name, part.Head!));
        return new(preprocessor, metadata.Weights, readsText, hidden, dimensions, [.. towers.Select(tower => Slice(tower, hidden, dimensions))], [.. heads]);
    }

    static CclmHead Head(InferenceSession session, string name, ModelHead head)
    {
        CclmHeadTask task = head.Task switch
        {
            "categorical" => CclmHeadTask.Categorical,
            "multi_label" => CclmHeadTask.MultiLabel,
            "tagging" => CclmHeadTask.Tagging,
            _ => throw new InvalidDataException($"Head '{name}' answers '{head.Task}'; expected categorical, multi_label or tagging. Update the library, or compose the model again."),
        };
        var logits = Width(session, ModelNames.Logits(name), rank: task == CclmHeadTask.Tagging ? 3 : 2);
        return logits == head.Labels.Count ? new(name, task, head.Labels) { Tags = task == CclmHeadTask.Tagging ? Tags(name, head) : null }
            : throw new InvalidDataException($"Head '{name}' has {head.Labels.Count} labels and {logits?.ToString() ?? "no"} logits. The metadata was edited; compose the model again.");
    }

    static TagSet Tags(string name, ModelHead head)
    {
        try
        {
            return TagSet.Read(head.Labels, head.Scheme);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"Head '{name}' tags words, but {e.Message}. The metadata was edited; compose the model again.", e);
        }
    }

    static TowerSlice Slice(ModelPart tower, int hidden, int dimensions)
    {
        if (tower.Hidden is not { } positions || !Fits(positions, hidden) || (tower.Embedding is { } pooled && !Fits(pooled, dimensions)))
        {
            throw new InvalidDataException($"The slices of tower '{tower.Name}' do not fit: {Describe(tower.Hidden)} of {hidden} hidden channels, " +
                $"{Describe(tower.Embedding)} of {dimensions} dimensions. The metadata was edited; compose the model again.");
        }
        return new(tower.Name, positions.Start, positions.Width, tower.Embedding?.Start ?? 0, tower.Embedding?.Width ?? 0);
    }

    static bool Fits(ModelSlice slice, int width) => slice.Start >= 0 && slice.Width > 0 && slice.Start <= width - slice.Width;

    static string Describe(ModelSlice? slice) => slice is null ? "none" : $"{slice.Width} from {slice.Start}";

    static bool ReadsTextInput(InferenceSession session)
    {
        if (session.InputMetadata is { Count: 1 } inputs)
        {
            var (name, type) = inputs.Single();
            switch (name, type.ElementDataType, type.Dimensions?.Length)
            {
                case (ModelNames.Ids, TensorElementType.Int64, 2):
                    return false;
                case (ModelNames.Text, TensorElementType.String, 1):
                    return true;
            }
        }
        var found = string.Join(", ", session.InputMetadata.Select(input => $"'{input.Key}' {Describe(input.Value)}"));
        throw new InvalidDataException($"The model takes {found}; expected one input, " +
            $"'{ModelNames.Ids}' Int64 [B,T] or '{ModelNames.Text}' String [B]. Compose the model again.");
    }

    static int? Width(InferenceSession session, string output, int rank)
    {
        if (!session.OutputMetadata.TryGetValue(output, out var type))
        {
            return null;
        }
        return type.ElementDataType == TensorElementType.Float && type.Dimensions.Length == rank && type.Dimensions[^1] > 0 ? type.Dimensions[^1]
            : throw new InvalidDataException($"The model's output '{output}' is {Describe(type)}; " +
                $"expected Float of rank {rank} with a fixed last dimension. Compose the model again.");
    }

    static string Describe(NodeMetadata type)
    {
        var dims = type.Dimensions?.Select((size, axis) => size >= 0 ? $"{size}" : type.SymbolicDimensions[axis]) ?? [];
        return $"{type.ElementDataType} [{string.Join(",", dims)}]";
    }

    static string NamesOrNone(IReadOnlyList<CclmHead> heads) => heads.Count > 0 ? Names(heads.Select(head => head.Name)) : "none";

    static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
