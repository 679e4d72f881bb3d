using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace SmsCrm.UnitTests.Contracts;

/// <summary>What of a contract clients and records rely on, as text that can be compared and read in a diff.</summary>
/// <param name="Fields">By message, by number: "name: type".</param>
/// <param name="Reserved">By message: numbers that no field may have (again).</param>
/// <param name="Values">By enum, by number: the name.</param>
/// <param name="Methods">By full name: "request -> response", with "stream" where one streams.</param>
public sealed record ContractShape(
    SortedDictionary<string, SortedDictionary<int, string>> Fields,
    SortedDictionary<string, SortedSet<int>> Reserved,
    SortedDictionary<string, SortedDictionary<int, string>> Values,
    SortedDictionary<string, string> Methods)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ContractShape Of(params FileDescriptor[] files)
    {
        var shape = new ContractShape(new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        foreach (var file in files)
        {
            foreach (var message in file.MessageTypes)
            {
                shape.Add(message);
            }

            foreach (var values in file.EnumTypes)
            {
                shape.Add(values);
            }

            foreach (var method in file.Services.SelectMany(static s => s.Methods))
            {
                shape.Methods[method.FullName] = $"{Stream(method.IsClientStreaming)}{method.InputType.FullName} -> {Stream(method.IsServerStreaming)}{method.OutputType.FullName}";
            }
        }

        return shape;
    }

    public static ContractShape Parse(string json) => JsonSerializer.Deserialize<ContractShape>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this, Readable) + "\n";

    private void Add(MessageDescriptor message)
    {
        if (message.GetOptions()?.MapEntry == true)
        {
            return;
        }

        Fields[message.FullName] = new SortedDictionary<int, string>(message.Fields.InDeclarationOrder().ToDictionary(static f => f.FieldNumber, Describe));
        var reserved = message.ToProto().ReservedRange.SelectMany(static r => Enumerable.Range(r.Start, r.End - r.Start)).ToList();
        if (reserved.Count > 0)
        {
            Reserved[message.FullName] = [.. reserved];
        }

        foreach (var nested in message.NestedTypes)
        {
            Add(nested);
        }

        foreach (var nested in message.EnumTypes)
        {
            Add(nested);
        }
    }

    private void Add(EnumDescriptor values) =>
        Values[values.FullName] = new SortedDictionary<int, string>(values.Values.ToDictionary(static v => v.Number, static v => v.Name));

    private static string Describe(FieldDescriptor field)
    {
        var type = field.IsMap
            ? $"map<{TypeOf(field.MessageType.FindFieldByNumber(1))}, {TypeOf(field.MessageType.FindFieldByNumber(2))}>"
            : $"{(field.IsRepeated ? "repeated " : "")}{TypeOf(field)}";
        var oneof = field.ContainingOneof is { IsSynthetic: false } choice ? $" of {choice.Name}" : field.HasPresence && field.ContainingOneof is not null ? " optional" : "";
        return $"{field.Name}: {type}{oneof}";
    }

    private static string TypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.FullName,
        FieldType.Enum => field.EnumType.FullName,
        var scalar => scalar.ToString().ToLower(CultureInfo.InvariantCulture),
    };

    private static string Stream(bool streams) => streams ? "stream " : "";
}
