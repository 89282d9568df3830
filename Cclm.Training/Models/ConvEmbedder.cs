using TorchSharp.Modules;
using static TorchSharp.torch.nn;
using Vocabulary = Cclm.Inference.Vocabulary;

namespace Cclm.Training;

/// <summary>Characters, perhaps their n-grams, and their positions through convolution blocks that also see the whole text.</summary>
public sealed class ConvEmbedder : Embedder
{
    readonly Embedding characters, positions;
    readonly NGramEmbedding? ngrams;
    readonly ModuleList<ConvBlock> blocks;

    /// <param name="options">The embedder's size.</param>
    /// <param name="vocabulary">The characters of its ids, which <see cref="EmbedderOptions.WordNGrams"/> need.</param>
    /// <exception cref="ArgumentException">The options do not make a model (see <see cref="EmbedderOptions.Check"/>), or need a vocabulary.</exception>
    public ConvEmbedder(EmbedderOptions options, Vocabulary? vocabulary = null) : this(options, vocabulary, toBeRead: false)
    {
    }

    ConvEmbedder(EmbedderOptions options, Vocabulary? vocabulary, bool toBeRead) : base(nameof(ConvEmbedder))
    {
        options.Check();
        if (options.WordNGrams && vocabulary is null && !toBeRead)
        {
            throw new ArgumentException($"Which characters are of words is not known. Pass the vocabulary, too: new {nameof(ConvEmbedder)}(options, preprocessor.Vocabulary).", nameof(vocabulary));
        }
        Options = options;
        characters = Embedding(options.Vocabulary, options.CharacterWidth);
        positions = Embedding(options.MaxLength, options.CharacterWidth).StartSmall();
        if (options.NGrams.Count > 0)
        {
            characters.StartSmall(NGramEmbedding.Deviation);
            ngrams = new(options.NGrams, options.NGramBuckets, options.CharacterWidth, options.WordNGrams ? new(options.Vocabulary, vocabulary) : null);
        }
        blocks = ModuleList(Enumerable.Range(0, options.Blocks)
            .Select(i => new ConvBlock(i == 0 ? options.CharacterWidth : options.Filters, options)).ToArray());
        RegisterComponents();
    }

    /// <summary>An embedder whose weights are read from a file, and with them which characters are of words.</summary>
    internal static ConvEmbedder ToBeRead(EmbedderOptions options) => new(options, null, toBeRead: true);

    /// <summary>What the embedder was made with.</summary>
    public EmbedderOptions Options { get; }

    /// <inheritdoc/>
    public override int Width => Options.Width;

    /// <inheritdoc/>
    public override int Vocabulary => Options.Vocabulary;

    /// <inheritdoc/>
    public override int MaxLength => Options.MaxLength;

    /// <inheritdoc/>
    public override bool Causal => Options.Causal;

    /// <inheritdoc/>
    public override Value forward(Value ids)                                // [B,T] -> [B,T,C]
    {
        ids = ids.with_mask();
        var x = characters.call(ids) + positions.call(ids.positions());
        return blocks.Aggregate(ngrams is null ? x : x + ngrams.call(ids), (y, block) => block.call(y));
    }
}
