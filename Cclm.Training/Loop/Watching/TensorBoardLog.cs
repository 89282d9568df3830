using Google.Protobuf;
using Tensorboard;
using TorchSharp.Modules;
using static TorchSharp.torch.utils;

namespace Cclm.Training;

/// <summary>A run's event files, for <c>tensorboard --logdir</c>: scalars of each report, and samples as text.</summary>
/// <remarks>
/// Each process writes a file of its own. TorchSharp's writer has no <c>purge_step</c>, so what an earlier process logged at
/// or after the step that this one reports first is cut off its files, and the steps rise from file to file.
/// </remarks>
/// <param name="folder">The run's folder.</param>
sealed class TensorBoardLog(string folder) : IProgress<TrainingProgress>
{
    const string Pattern = "events.out.tfevents.*";
    const int Header = sizeof(long) + sizeof(uint), Footer = sizeof(uint);    // a record: length, its checksum, bytes, their checksum

    SummaryWriter? writer;

    /// <summary>The files, as a pattern.</summary>
    public string Files => Path.Combine(folder, Pattern);

    /// <summary>Deletes what earlier processes logged.</summary>
    public void Delete() => Array.ForEach(FilesThere(), File.Delete);

    public void Report(TrainingProgress value)
    {
        writer ??= Open(value.Step);
        foreach (var (tag, scalar) in ((string, double)[])
            [("loss/training", value.Loss), ("learning_rate", value.LearningRate), ("characters_per_second", value.CharactersPerSecond), .. HeldOut(value.HeldOut)])
        {
            writer.add_scalar(tag, (float)scalar, value.Step);
        }
    }

    static IEnumerable<(string Tag, double Scalar)> HeldOut(Evaluation? measured) =>
        measured is null ? [] : [("loss/held_out", measured.Loss), .. measured.Measures.Select(measure => ($"{measure.Name.Replace(' ', '_')}/held_out", measure.Value))];

    /// <summary>Adds samples to a run that something was reported of. TensorBoard reads text as Markdown, of which an indented block is shown as it is.</summary>
    public void Add(string tag, int step, IEnumerable<Sample> samples) => writer?.add_text(tag, string.Join("    \n", samples.Select(sample =>
        $"    read      {VisibleText.Of(sample.Read)}\n    expected  {VisibleText.Of(sample.Expected)}\n    answered  {VisibleText.Of(sample.Answered)}\n")), step);

    SummaryWriter Open(int step)
    {
        Array.ForEach(FilesThere(), file => Cut(file, step));
        return tensorboard.SummaryWriter(folder);
    }

    string[] FilesThere() => Directory.Exists(folder) ? Directory.GetFiles(folder, Pattern) : [];

    /// <summary>Ends a file before its first event of a step or after it, or that is not whole.</summary>
    static void Cut(string path, int step)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        using var reader = new BinaryReader(file);
        var end = 0L;
        while (Read(reader) is { } earlier && earlier.Step < step)
        {
            end = file.Position;
        }
        file.SetLength(end);
    }

    static Event? Read(BinaryReader reader)
    {
        var left = reader.BaseStream.Length - reader.BaseStream.Position - Header - Footer;
        if (left < 0 || reader.ReadInt64() is var length && (length < 0 || length > left))
        {
            return null;
        }
        try
        {
            reader.ReadUInt32();
            var found = Event.Parser.ParseFrom(reader.ReadBytes((int)length));
            reader.ReadUInt32();
            return found;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
