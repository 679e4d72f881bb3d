using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SmsCrm.Pipeline.Messages;

/// <summary>Writes the JSON that explains a verdict: <c>{"gate","sentence","facts":{...},"next"}</c>.</summary>
internal static class VerdictText
{
    // Kept in Postgres and shown as JSON, never put into a page unescaped: numbers and quotes stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="facts">Texts, numbers and times; others are written as text.</param>
    public static string Json(string gate, string sentence, DateTimeOffset? next, params ReadOnlySpan<(string Name, object? Value)> facts)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("gate"u8, gate);
            json.WriteString("sentence"u8, sentence);
            json.WriteStartObject("facts"u8);
            foreach (var (name, value) in facts)
            {
                Write(json, name, value);
            }

            json.WriteEndObject();
            if (next is { } time)
            {
                json.WriteString("next"u8, time);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case DateTimeOffset time:
                json.WriteString(name, time);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
