namespace Cclm.Export;

/// <summary>What is known of one dimension, or of a number that is computed from dimensions: 7, T, T + 2, or nothing (<c>default</c>).</summary>
/// <param name="Symbol">The name of what is added to the constant; null for a plain number.</param>
/// <param name="Constant">Null where nothing is known.</param>
readonly record struct Dim(string? Symbol, long? Constant)
{
    /// <summary>The number; null for a symbol, and where nothing is known.</summary>
    public long? Number => Symbol is null ? Constant : null;

    /// <summary>Whether anything is known.</summary>
    public bool IsKnown => Constant is not null;

    /// <summary>Whether it is no negative number whatever its symbol, which stands for a dimension, is.</summary>
    public bool IsNatural => Constant >= 0;

    public static implicit operator Dim(long number) => new(null, number);

    public static Dim operator +(Dim a, Dim b) =>
        a.Symbol is null || b.Symbol is null ? Fitting(a.Symbol ?? b.Symbol, (Int128?)a.Constant + b.Constant) : default;

    public static Dim operator -(Dim a, Dim b) =>
        b.Symbol is null ? Fitting(a.Symbol, (Int128?)a.Constant - b.Constant) : a.Symbol == b.Symbol ? Fitting(null, (Int128?)a.Constant - b.Constant) : default;

    public static Dim operator *(Dim a, Dim b) =>
        a.Number == 1 ? b : b.Number == 1 ? a : Fitting(null, (Int128?)a.Number * b.Number);

    /// <summary>The quotient without its fraction, as operators divide integers.</summary>
    public static Dim operator /(Dim a, Dim b) =>
        b.Number == 1 ? a : b.Number == 0 ? default : Fitting(null, (Int128?)a.Number / b.Number);

    /// <summary>Nothing is known of a number that 64 bits do not hold.</summary>
    static Dim Fitting(string? symbol, Int128? number) =>
        number >= long.MinValue && number <= long.MaxValue ? new(symbol, (long)number) : default;
}
