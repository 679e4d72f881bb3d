using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>
/// Reads a message from JSON into the contract's request. Every field of a wrong type and every unknown field is named with its value;
/// what is no JSON at all throws <see cref="JsonException"/> with its position.
/// </summary>
internal static class MessageJson
{
    public const string Fields =
        "to, body, purpose, campaign_id, campaign_name, sender, pool, send_at, valid_until, idempotency_key, client_reference, metadata, retry_of, default_country, links";

    /// <summary>Reads the object that the reader stands on, to its end. Null where it stands on none, which is a violation too.</summary>
    public static SendRequest? Read(ref Utf8JsonReader reader, List<RequestViolation> violations)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            violations.Add(new RequestViolation("message", $"is {JsonValue.Describe(ref reader)}: it must be an object with the fields {Fields}"));
            reader.Skip();
            return null;
        }

        var request = new SendRequest();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = JsonValue.Name(ref reader);
            reader.Read();
            if (!seen.Add(name))
            {
                violations.Add(new RequestViolation(name, "is given twice: give it once"));
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                Field(ref reader, name, request, violations);
            }
        }

        if (seen.Contains("sender") && seen.Contains("pool") && request.FromCase == SendRequest.FromOneofCase.Pool)
        {
            violations.Add(new RequestViolation("sender", "and pool are both given: choose one"));
        }

        return request;
    }

    private static void Field(ref Utf8JsonReader reader, string name, SendRequest request, List<RequestViolation> violations)
    {
        switch (name)
        {
            case "to": request.To = Text(ref reader, name, violations); break;
            case "body": request.Body = Text(ref reader, name, violations); break;
            case "purpose": request.Purpose = PurposeOf(ref reader, violations); break;
            case "campaign_id": request.CampaignId = Text(ref reader, name, violations); break;
            case "campaign_name": request.CampaignName = Text(ref reader, name, violations); break;
            case "sender": request.Sender = Text(ref reader, name, violations); break;
            case "pool": request.Pool = Text(ref reader, name, violations); break;
            case "send_at": request.SendAt = Time(ref reader, name, violations); break;
            case "valid_until": request.ValidUntil = Time(ref reader, name, violations); break;
            case "idempotency_key": request.IdempotencyKey = Text(ref reader, name, violations); break;
            case "client_reference": request.ClientReference = Text(ref reader, name, violations); break;
            case "metadata": Metadata(ref reader, request, violations); break;
            case "retry_of": request.RetryOf = Text(ref reader, name, violations); break;
            case "default_country": request.DefaultCountry = Text(ref reader, name, violations); break;
            case "links": LinksJson.Read(ref reader, request, violations); break;
            case "template_id" or "media_urls":
                violations.Add(new RequestViolation(name, "is not supported by this version: leave it out", IsReserved: true));
                reader.Skip();
                break;
            default:
                violations.Add(new RequestViolation(name, $"is not a field of a message: known are {Fields}"));
                reader.Skip();
                break;
        }
    }

    public static string Text(ref Utf8JsonReader reader, string field, List<RequestViolation> violations)
    {
        if (JsonValue.Text(ref reader) is { } text)
        {
            return text;
        }

        violations.Add(new RequestViolation(field, $"is {JsonValue.Describe(ref reader)}: it must be a string"));
        reader.Skip();
        return "";
    }

    private static Purpose PurposeOf(ref Utf8JsonReader reader, List<RequestViolation> violations)
    {
        switch (JsonValue.Text(ref reader))
        {
            case "transactional": return Purpose.Transactional;
            case "marketing": return Purpose.Marketing;
            default:
                violations.Add(new RequestViolation("purpose", $"is {JsonValue.Describe(ref reader)}: it must be \"transactional\" or \"marketing\""));
                reader.Skip();
                return Purpose.Unspecified;
        }
    }

    public static Timestamp? Time(ref Utf8JsonReader reader, string field, List<RequestViolation> violations)
    {
        if (JsonValue.Text(ref reader) is { } text && IsZoned(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time.ToTimestamp();
        }

        violations.Add(new RequestViolation(
            field, $"is {JsonValue.Describe(ref reader)}: it must be a time in ISO 8601 with its offset, such as \"2026-03-01T09:00:00Z\""));
        reader.Skip();
        return null;
    }

    /// <summary>A date, a T, a time and an offset: what lacks an offset would depend on the server's zone.</summary>
    private static bool IsZoned(string text) =>
        text.Length is >= 17 and <= 40 && text[10] == 'T' && char.IsAsciiDigit(text[0])
        && (text[^1] == 'Z' || (text.Length > 22 && text[^6] is '+' or '-' && text[^3] == ':'));

    private static void Metadata(ref Utf8JsonReader reader, SendRequest request, List<RequestViolation> violations)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            violations.Add(new RequestViolation("metadata", $"is {JsonValue.Describe(ref reader)}: it must be an object of strings"));
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonValue.Name(ref reader);
            reader.Read();
            if (JsonValue.Text(ref reader) is not { } value)
            {
                violations.Add(new RequestViolation($"metadata[{key}].value", $"is {JsonValue.Describe(ref reader)}: it must be a string"));
                reader.Skip();
            }
            else if (!request.Metadata.TryAdd(key, value))
            {
                violations.Add(new RequestViolation($"metadata[{key}].key", "is given twice: give it once"));
            }
        }
    }
}

/// <summary>Values of a JSON text, as they are and as error texts show them.</summary>
internal static class JsonValue
{
    private const int Most = 40;

    /// <summary>The property's name that the reader stands on.</summary>
    public static string Name(ref Utf8JsonReader reader) => TryString(ref reader) ?? throw new JsonException("A field's name holds half a surrogate pair.");

    /// <summary>The string that the reader stands on; null where it is no string, or one that no text can hold.</summary>
    public static string? Text(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? TryString(ref reader) : null;

    /// <summary>The value that the reader stands on, short, without moving on.</summary>
    public static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => TryString(ref reader) is { } text ? $"\"{Cut(text)}\"" : "a string with half a surrogate pair",
        JsonTokenType.Number => $"the number {Cut(Raw(ref reader))}",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        _ => "missing",
    };

    /// <summary>The same of a value that is read already.</summary>
    public static string Describe(JsonElement value)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(value.GetRawText()));
        reader.Read();
        return Describe(ref reader);
    }

    private static string? TryString(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone \ud800 is JSON, and no text.
            return null;
        }
    }

    private static string Raw(ref Utf8JsonReader reader) =>
        System.Text.Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);

    private static string Cut(string text) => text.Length > Most ? string.Concat(text.AsSpan(0, Most), "...") : text;
}
