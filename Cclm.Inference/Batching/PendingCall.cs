using System.Diagnostics;

namespace Cclm.Inference;

/// <summary>A call whose texts wait, or are run.</summary>
abstract class PendingCall
{
    /// <summary>Its texts, those that have been taken to be run too.</summary>
    public IReadOnlyList<PendingText> Texts { get; private set; } = [];

    /// <summary>When its texts began to wait (<see cref="Stopwatch.GetTimestamp"/>); to wait for room comes before.</summary>
    public long Came { get; set; }

    /// <summary>The output that it asks for, in the model that was there when it came.</summary>
    public abstract string Output { get; }

    /// <summary>Whether it failed or was cancelled.</summary>
    public abstract bool HasFailed { get; }

    /// <summary>The output that it asks a model for.</summary>
    /// <exception cref="ArgumentException">A model that was loaded since has no such tower or head.</exception>
    public abstract string OutputIn(ModelContract contract);

    /// <summary>The shape of a text's row of the output in a batch of a length.</summary>
    public abstract long[] RowShapeIn(ModelContract contract, int length);

    /// <summary>What texts are padded to where the longest has a length, in the model that was there when it came.</summary>
    public abstract int PaddedLength(int length);

    /// <summary>A text's own length.</summary>
    public abstract int LengthIn(ModelContract contract, PendingText text);

    /// <summary>Takes one text's row; with the last one the call is answered.</summary>
    public abstract void Take(ModelContract contract, PendingText text, ReadOnlySpan<float> row);

    /// <returns>Whether it was not over before.</returns>
    public abstract bool Fail(Exception error);

    /// <inheritdoc cref="Fail"/>
    public abstract bool Cancel(CancellationToken cancellation);

    /// <summary>Gives the call its texts.</summary>
    /// <returns>Their ids together.</returns>
    protected long Hold(IReadOnlyList<string> texts, ModelContract contract)
    {
        var held = new PendingText[texts.Count];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = new(this, i, texts[i], contract.OwnLength(texts[i]));
        }
        Texts = held;
        return held.Sum(text => (long)text.Length);
    }
}

/// <inheritdoc cref="PendingCall"/>
/// <typeparam name="T">What is made of a text's row.</typeparam>
sealed class PendingCall<T> : PendingCall
{
    readonly TaskCompletionSource<T[]> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Func<ModelContract, Reading<T>> question;
    readonly ModelContract asked;
    readonly Reading<T> reading;        // in that model
    readonly T[] results;
    int left;

    /// <param name="texts">The texts; one or more.</param>
    /// <param name="question">What is asked of a model that was loaded meanwhile.</param>
    /// <param name="contract">What the model that is there now takes and gives.</param>
    /// <param name="reading">What is asked of it.</param>
    public PendingCall(IReadOnlyList<string> texts, Func<ModelContract, Reading<T>> question, ModelContract contract, Reading<T> reading)
    {
        (this.question, asked, this.reading, results, left) = (question, contract, reading, new T[texts.Count], texts.Count);
        Cost = Hold(texts, contract);
    }

    /// <summary>Its ids together.</summary>
    public long Cost { get; }

    public Task<T[]> Answer => answer.Task;

    public override string Output => reading.Output;

    public override bool HasFailed => answer.Task is { IsCompleted: true, IsCompletedSuccessfully: false };

    public override string OutputIn(ModelContract contract) => In(contract).Output;

    public override long[] RowShapeIn(ModelContract contract, int length) => In(contract).RowShape(length);

    public override int PaddedLength(int length) => asked.PaddedLength(length);

    public override int LengthIn(ModelContract contract, PendingText text) => contract == asked ? text.Length : contract.OwnLength(text.Text);

    public override void Take(ModelContract contract, PendingText text, ReadOnlySpan<float> row)
    {
        results[text.Index] = In(contract).Answer(row, LengthIn(contract, text), text.Index);
        if (Interlocked.Decrement(ref left) == 0)
        {
            answer.TrySetResult(results);
        }
    }

    public override bool Fail(Exception error) => answer.TrySetException(error);

    public override bool Cancel(CancellationToken cancellation) => answer.TrySetCanceled(cancellation);

    Reading<T> In(ModelContract contract) => contract == asked ? reading : question(contract);
}
