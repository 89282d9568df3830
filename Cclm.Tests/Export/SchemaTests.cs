using Google.Protobuf;
using Google.Protobuf.Reflection;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

public class SchemaTests
{
    const string DumpOfficialSchema = """
        from onnx import onnx_ml_pb2
        def dump(message, name):
            for f in message.fields:
                print(name, f.name, f.number, f.type, f.label, int(f.GetOptions().packed), f.containing_oneof.name if f.containing_oneof else "-")
            for e in message.enum_types:
                for v in e.values: print(f"{name}.{e.name}", v.name, v.number)
            for n in message.nested_types: dump(n, f"{name}.{n.name}")
        for name, message in onnx_ml_pb2.DESCRIPTOR.message_types_by_name.items(): dump(message, name)
        """;

    [Test]
    public void EveryFieldOfTheOfficialSchemaIsInOursWithItsNumberAndType()
    {
        var (exit, official, errors) = OfficialChecker.Run(DumpOfficialSchema);
        Assert.That(exit, Is.Zero, errors);
        string[] lines = official.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.GreaterThan(100));
        Assert.That(lines.Except(OnnxReflection.Descriptor.MessageTypes.SelectMany(message => Dump(message, message.Name))), Is.Empty);
    }

    static IEnumerable<string> Dump(MessageDescriptor message, string name) =>
        message.Fields.InFieldNumberOrder().Select(field => (Field: field, Proto: field.ToProto()))
            .Select(field => $"{name} {field.Field.Name} {field.Field.FieldNumber} {(int)field.Proto.Type} {(int)field.Proto.Label} " +
                $"{(field.Field.IsPacked ? 1 : 0)} {field.Field.RealContainingOneof?.Name ?? "-"}")
            .Concat(message.EnumTypes.SelectMany(type => type.Values.Select(value => $"{name}.{type.Name} {value.Name} {value.Number}")))
            .Concat(message.NestedTypes.SelectMany(nested => Dump(nested, $"{name}.{nested.Name}")));

    [Test]
    public void FieldsThatTheSchemaDoesNotKnowSurviveARoundTrip()
    {
        byte[] laterField = [0xd2, 0x0f, 0x05, .. "later"u8];      // field 250, five bytes
        var bytes = TinyParts.Embedder().ToByteArray();
        byte[] later = [.. bytes, .. laterField];
        Assert.That(ModelProto.Parser.ParseFrom(later).Clone().ToByteArray(), Is.EqualTo(later));
    }

    [Test]
    public void AValueOfZeroIsStillAValue()
    {
        var attribute = AttributeProto.Parser.ParseFrom(new AttributeProto { Name = "axis", I = 0 }.ToByteArray());
        var dimension = TensorShapeProto.Types.Dimension.Parser.ParseFrom(new TensorShapeProto.Types.Dimension { DimValue = 0 }.ToByteArray());
        Assert.Multiple(() =>
        {
            Assert.That((attribute.HasI, attribute.HasF), Is.EqualTo((true, false)));
            Assert.That((dimension.HasDimValue, dimension.HasDimParam), Is.EqualTo((true, false)));
        });
    }
}
