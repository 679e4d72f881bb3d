using System.Text.Json;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Reads a message's short links from JSON.</summary>
internal static class LinksJson
{
    private const string Fields = "placeholder, url, expires_at";

    /// <summary>Reads the array that the reader stands on, to its end.</summary>
    public static void Read(ref Utf8JsonReader reader, SendRequest request, List<RequestViolation> violations)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            violations.Add(new RequestViolation("links", $"is {JsonValue.Describe(ref reader)}: it must be an array of objects with the fields {Fields}"));
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var field = $"links[{request.Links.Count}]";
            var link = new Link();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                Fill(ref reader, link, field, violations);
            }
            else
            {
                violations.Add(new RequestViolation(field, $"is {JsonValue.Describe(ref reader)}: it must be an object with the fields {Fields}"));
                reader.Skip();
            }

            request.Links.Add(link);
        }
    }

    private static void Fill(ref Utf8JsonReader reader, Link link, string field, List<RequestViolation> violations)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = JsonValue.Name(ref reader);
            reader.Read();
            if (!seen.Add(name))
            {
                violations.Add(new RequestViolation($"{field}.{name}", "is given twice: give it once"));
                reader.Skip();
                continue;
            }

            switch (name)
            {
                case "placeholder": link.Placeholder = MessageJson.Text(ref reader, $"{field}.{name}", violations); break;
                case "url": link.Url = MessageJson.Text(ref reader, $"{field}.{name}", violations); break;
                case "expires_at" when reader.TokenType == JsonTokenType.Null: break;
                case "expires_at": link.ExpiresAt = MessageJson.Time(ref reader, $"{field}.{name}", violations); break;
                default:
                    violations.Add(new RequestViolation($"{field}.{name}", $"is not a field of a link: known are {Fields}"));
                    reader.Skip();
                    break;
            }
        }
    }
}
