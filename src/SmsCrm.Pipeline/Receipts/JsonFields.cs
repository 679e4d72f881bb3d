using System.Text.Json;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Reads a JSON body as fields: one object of strings, numbers and truth values, as a form would have them.</summary>
internal static class JsonFields
{
    /// <param name="text">At least as long as the body.</param>
    /// <param name="fields">At least <see cref="FormFields.MaxFields"/>.</param>
    /// <returns>False for what is no such object, or has too many fields.</returns>
    public static bool TryParse(ReadOnlySpan<byte> body, Span<byte> text, Span<FormField> fields, out FormFields read)
    {
        read = default;
        try
        {
            return TryRead(body, text, fields, out read);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Broken JSON, or a text in it that is no UTF-8.
            return false;
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> body, Span<byte> text, Span<FormField> fields, out FormFields read)
    {
        read = default;
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var (length, count) = (0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = length;
            length += reader.CopyString(text[length..]);
            var value = length;
            if (count == FormFields.MaxFields || !reader.Read() || !TryCopyValue(reader, text, ref length))
            {
                return false;
            }

            fields[count++] = new FormField(key, value - key, value, length - value);
        }

        read = new FormFields(text[..length], fields[..count]);
        return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
    }

    private static bool TryCopyValue(in Utf8JsonReader reader, Span<byte> text, ref int length)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                length += reader.CopyString(text[length..]);
                return true;
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                reader.ValueSpan.CopyTo(text[length..]);
                length += reader.ValueSpan.Length;
                return true;
            default:
                return reader.TokenType == JsonTokenType.Null;
        }
    }
}
