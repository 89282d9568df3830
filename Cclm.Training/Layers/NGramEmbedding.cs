using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A learned vector of each n-gram of characters that ends at a position, one table for each n, added up: words and their parts are known without a convolution having to spell them.</summary>
public sealed class NGramEmbedding : Layer
{
    /// <summary>Of the first weights, also of the characters that n-grams are added to: a tenth of what tables start with otherwise, so that the rows of rare n-grams, which are seldom trained, do not stay noise.</summary>
    public const double Deviation = 0.1;

    readonly ModuleList<Embedding> tables;
    readonly WordCharacters? characters;
    readonly int[] sizes;
    readonly int buckets;

    /// <param name="sizes">The n of each table.</param>
    /// <param name="buckets">Rows of each table; n-grams of the same hash share one.</param>
    /// <param name="width">C, the channels of a vector.</param>
    /// <param name="characters">What ids become before they are hashed, so that n-grams are those of words; null for n-grams of the text as it is.</param>
    public NGramEmbedding(IReadOnlyList<int> sizes, int buckets, int width, WordCharacters? characters = null) : base(nameof(NGramEmbedding))
    {
        (this.sizes, this.buckets, this.characters) = ([.. sizes], buckets, characters);
        tables = ModuleList(sizes.Select(_ => Embedding(buckets, width, sparse: true).StartSmall(Deviation)).ToArray());
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value ids)                                // [B,T] -> [B,T,C]
    {
        ids = characters is null ? ids : characters.call(ids);
        return tables.Zip(sizes, (table, n) => table.call(ids.ngrams(n, buckets))).Aggregate((sum, vectors) => sum + vectors);
    }
}
