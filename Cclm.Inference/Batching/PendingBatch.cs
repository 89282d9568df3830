using System.Diagnostics;

namespace Cclm.Inference;

/// <summary>Texts of one or several calls that are run together.</summary>
sealed class PendingBatch(List<PendingText> texts)
{
    /// <summary>When it was taken to be run (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public long Begun { get; } = Stopwatch.GetTimestamp();

    /// <summary>The calls that failed, for what is left of them.</summary>
    public IEnumerable<PendingCall> Failed => texts.Where(text => text.Call.HasFailed).Select(text => text.Call);

    /// <summary>Runs the texts, and answers their calls; a text that can not be answered fails its own call alone.</summary>
    /// <returns>The ids that the model read, padding among them.</returns>
    public int Run(LoadedModel model)
    {
        var (runner, contract) = (model.Runner, model.Contract);
        var length = contract.PaddedLength(texts.Max(text => text.Call.LengthIn(contract, text)));
        long[] shape = [];
        texts.RemoveAll(text => Fails(text, () => shape = text.Call.RowShapeIn(contract, length)));     // a model that was loaded meanwhile may lack what it asks for
        if (texts.Count == 0)
        {
            return 0;
        }
        using var activity = InferenceTelemetry.Run(texts.Count, length);
        using var values = runner.Run([.. texts.Select(text => text.Text)], LengthBatch.Of(texts.Count, length), texts[0].Call.Output, [texts.Count, .. shape], CancellationToken.None);
        InferenceTelemetry.Ran(texts, length, Begun);
        var rows = values.GetTensorDataAsSpan<float>();
        var width = rows.Length / texts.Count;
        for (var row = 0; row < texts.Count; row++)
        {
            Answer(texts[row], contract, rows.Slice(row * width, width));
        }
        return texts.Count * length;
    }

    /// <summary>Fails the calls of all its texts.</summary>
    public void Fail(Exception error) => texts.ForEach(text => Fail(text, error));

    static void Answer(PendingText text, ModelContract contract, ReadOnlySpan<float> row)
    {
        try
        {
            text.Call.Take(contract, text, row);
        }
        catch (Exception e)
        {
            Fail(text, e);
        }
    }

    static bool Fails(PendingText text, Action act)
    {
        try
        {
            act();
            return false;
        }
        catch (Exception e)
        {
            Fail(text, e);
            return true;
        }
    }

    static void Fail(PendingText text, Exception error)
    {
        if (text.Call.Fail(error))
        {
            InferenceTelemetry.Rejected(error.GetType().Name);
        }
    }
}
