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
        var outputs = new Dictionary<string, List<PendingText>>();      // one, unless another model was loaded meanwhile
        foreach (var text in texts)
        {
            Try(text, () =>
            {
                var output = text.Call.OutputIn(model.Contract);        // the model may lack what the call asks for
                (outputs.TryGetValue(output, out var rows) ? rows : outputs[output] = []).Add(text);
            });
        }
        return outputs.Sum(output => Run(model, output.Key, output.Value));
    }

    int Run(LoadedModel model, string output, List<PendingText> rows)
    {
        var contract = model.Contract;
        var length = contract.PaddedLength(rows.Max(text => text.Call.LengthIn(contract, text)));
        using var activity = InferenceTelemetry.Run(rows.Count, length);
        using var values = model.Runner.Run([.. rows.Select(text => text.Text)], LengthBatch.Of(rows.Count, length), output, [rows.Count, .. rows[0].Call.RowShapeIn(contract, length)], CancellationToken.None);
        InferenceTelemetry.Ran(rows, length, Begun);
        var numbers = values.GetTensorDataAsSpan<float>();
        var width = numbers.Length / rows.Count;
        for (var row = 0; row < rows.Count; row++)
        {
            Answer(rows[row], contract, numbers.Slice(row * width, width));
        }
        return rows.Count * length;
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

    static void Try(PendingText text, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e)
        {
            Fail(text, e);
        }
    }

    static void Fail(PendingText text, Exception error)
    {
        if (text.Call.Fail(error) && error is not OtherModelException)      // that one is asked again
        {
            InferenceTelemetry.Rejected(error.GetType().Name);
        }
    }
}
