namespace Cclm.Training.Data;

/// <summary>The model of a <see cref="TokenizerDocument"/>: byte pair encoding.</summary>
/// <param name="Type">The kind of model.</param>
/// <param name="Dropout">The share of merges left out at random.</param>
/// <param name="UnkToken">The token of unknown characters.</param>
/// <param name="ContinuingSubwordPrefix">What tokens begin with that do not begin a word.</param>
/// <param name="EndOfWordSuffix">What tokens end with that end a word.</param>
/// <param name="FuseUnk">Whether unknown characters side by side are one token.</param>
/// <param name="ByteFallback">Whether unknown characters are encoded as bytes.</param>
/// <param name="IgnoreMerges">Whether a word that is a token is not merged from its characters.</param>
/// <param name="Vocab">The tokens' ids.</param>
/// <param name="Merges">The pairs of tokens to merge, in order. Lists of two rather than "a b", the older form, in which readers take a pair that begins with "#version" for a comment.</param>
sealed record BpeDocument(
    string Type, double? Dropout, string? UnkToken, string? ContinuingSubwordPrefix, string? EndOfWordSuffix, bool FuseUnk, bool ByteFallback, bool IgnoreMerges,
    IReadOnlyDictionary<string, int> Vocab, IReadOnlyList<string[]> Merges)
{
    const string Bpe = "BPE";

    public static BpeDocument Of(IReadOnlyList<string> vocabulary, IReadOnlyList<TokenPair> merges) => new(
        Bpe, null, SubwordTokenizer.Reserved[SubwordTokenizer.Unknown], null, null, false, false, false,
        new OrderedDictionary<string, int>(vocabulary.Select((token, id) => KeyValuePair.Create(token, id))),
        [.. merges.Select(pair => (string[])[vocabulary[pair.Left], vocabulary[pair.Right]])]);

    /// <exception cref="InvalidDataException">It is a model of another kind, or contradicts itself.</exception>
    public SubwordTokenizer ToTokenizer()
    {
        var unknown = SubwordTokenizer.Reserved[SubwordTokenizer.Unknown];
        TokenizerDocument.Expect(Type == Bpe, "model.type", Type, Bpe);
        TokenizerDocument.Expect(Dropout is null, "model.dropout", Dropout, "null");
        TokenizerDocument.Expect(UnkToken == unknown, "model.unk_token", UnkToken, unknown);
        TokenizerDocument.Expect(ContinuingSubwordPrefix is null, "model.continuing_subword_prefix", ContinuingSubwordPrefix, "null");
        TokenizerDocument.Expect(EndOfWordSuffix is null, "model.end_of_word_suffix", EndOfWordSuffix, "null");
        TokenizerDocument.Expect(!FuseUnk, "model.fuse_unk", FuseUnk, false);
        TokenizerDocument.Expect(!ByteFallback, "model.byte_fallback", ByteFallback, false);
        TokenizerDocument.Expect(!IgnoreMerges, "model.ignore_merges", IgnoreMerges, false);
        var vocabulary = Tokens();
        return new(vocabulary, Pairs(vocabulary));
    }

    /// <summary>The tokens by id.</summary>
    string[] Tokens()
    {
        var tokens = new string?[Vocab.Count];
        foreach (var (token, id) in Vocab)
        {
            if (id < 0 || id >= tokens.Length || tokens[id] is not null)
            {
                throw Damaged($"model.vocab gives '{token}' the id {id}; expected each of 0 to {tokens.Length - 1} once");
            }
            tokens[id] = token;
        }
        foreach (var (id, token) in SubwordTokenizer.Reserved.Index())
        {
            if (tokens.ElementAtOrDefault(id) != token)
            {
                throw Damaged($"model.vocab gives the id {id} to '{tokens.ElementAtOrDefault(id)}'; expected '{token}'");
            }
        }
        return tokens!;
    }

    /// <summary>The merges by ids. Each makes a token, and every token of several characters is made by one.</summary>
    List<TokenPair> Pairs(string[] tokens)
    {
        var (pairs, made) = (new List<TokenPair>(), new HashSet<string>(SubwordTokenizer.Reserved));
        var seen = new HashSet<TokenPair>();
        foreach (var (i, merge) in Merges.Index())
        {
            if (merge is not [{ } left, { } right])
            {
                throw Damaged($"model.merges[{i}] has {merge?.Length ?? 0} items or a null among them; expected two tokens");
            }
            var pair = new TokenPair(Id(left, i), Id(right, i));
            Id(left + right, i);
            made.Add(left + right);
            pairs.Add(seen.Add(pair) ? pair : throw Damaged($"model.merges[{i}] is '{left}' and '{right}' a second time"));
        }
        foreach (var token in tokens)
        {
            if (token.Length == 0 || token.Any(char.IsWhiteSpace) || (!made.Contains(token) && token.EnumerateRunes().Count() > 1))
            {
                throw Damaged($"model.vocab has '{token}', which no merge makes and is no single character; expected neither white space nor tokens that are never used");
            }
        }
        return pairs;
    }

    int Id(string token, int merge) => Vocab.TryGetValue(token, out var id) && id >= SubwordTokenizer.Reserved.Count ? id
        : throw Damaged($"model.merges[{merge}] has or makes '{token}', which is not in model.vocab or is reserved");

    static InvalidDataException Damaged(string what) => new($"{what}. It was damaged or edited: fit it again, or copy it again from where it came from.");
}
