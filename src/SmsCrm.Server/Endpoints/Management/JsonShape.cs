using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>
/// What of a JSON text does not fit a type: every error at once, each with its field, its value and the remedy, in the words of JSON. The serializer's
/// own messages name one error and our types.
/// </summary>
internal static class JsonShape
{
    private const string Whole = "body";
    private const int MostErrors = 20;

    /// <summary>Empty where the text can be read as the type.</summary>
    public static IReadOnlyList<FieldErrorJson> Errors(string text, JsonTypeInfo type)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [new FieldErrorJson(Whole, "is empty: send a JSON object")];
        }

        var errors = new List<FieldErrorJson>();
        try
        {
            using var document = JsonDocument.Parse(text);
            Check(document.RootElement, type, "", errors);
        }
        catch (JsonException malformed)
        {
            return [new FieldErrorJson(Whole, $"is not JSON at {JsonBody.Place(malformed)}")];
        }
        catch (InvalidOperationException)
        {
            // A lone \ud800 in a field's name is JSON, and no text.
            return [new FieldErrorJson(Whole, "has a field whose name holds half a surrogate pair: remove it")];
        }

        return errors.Count <= MostErrors ? errors : errors[..MostErrors];
    }

    private static void Check(JsonElement value, JsonTypeInfo type, string path, List<FieldErrorJson> errors)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when value.ValueKind == JsonValueKind.Object:
                CheckFields(value, type, path, errors);
                break;
            case JsonTypeInfoKind.Enumerable when value.ValueKind == JsonValueKind.Array:
                CheckElements(value, type, path, errors);
                break;
            case JsonTypeInfoKind.None when Fits(value, type):
                break;
            case JsonTypeInfoKind.None when value.ValueKind == JsonValueKind.String && HasNul(value):
                errors.Add(new FieldErrorJson(NameOf(path), "has the character \\u0000: remove it"));
                break;
            default:
                errors.Add(new FieldErrorJson(NameOf(path), $"is {JsonValue.Describe(value)}: it must be {Expected(type)}"));
                break;
        }
    }

    private static void CheckFields(JsonElement value, JsonTypeInfo type, string path, List<FieldErrorJson> errors)
    {
        var known = type.Properties.ToDictionary(property => property.Name, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var given in value.EnumerateObject())
        {
            var field = Within(path, given.Name);
            if (!known.TryGetValue(given.Name, out var property))
            {
                errors.Add(new FieldErrorJson(field, $"is not known here: known are {string.Join(", ", known.Keys)}"));
            }
            else if (!seen.Add(given.Name))
            {
                errors.Add(new FieldErrorJson(field, "is given twice: give it once"));
            }
            else if (given.Value.ValueKind != JsonValueKind.Null)
            {
                Check(given.Value, type.Options.GetTypeInfo(property.PropertyType), field, errors);
            }
            else if (!MayBeNull(property))
            {
                errors.Add(new FieldErrorJson(field, $"is null: it must be {Expected(type.Options.GetTypeInfo(property.PropertyType))}"));
            }
        }

        errors.AddRange(type.Properties.Where(property => property.IsRequired && !seen.Contains(property.Name)).Select(property =>
            new FieldErrorJson(Within(path, property.Name), $"is missing: it must be {Expected(type.Options.GetTypeInfo(property.PropertyType))}")));
    }

    private static void CheckElements(JsonElement value, JsonTypeInfo type, string path, List<FieldErrorJson> errors)
    {
        var (element, index) = (type.Options.GetTypeInfo(type.ElementType!), 0);
        foreach (var given in value.EnumerateArray())
        {
            Check(given, element, FormattableString.Invariant($"{path}[{index++}]"), errors);
        }
    }

    private static bool Fits(JsonElement value, JsonTypeInfo type)
    {
        if (value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && (HasNul(value) || !HasOffset(value, type))))
        {
            return false;
        }

        try
        {
            value.Deserialize(type);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HasNul(JsonElement value) => value.GetRawText().Contains("\\u0000", StringComparison.Ordinal);

    /// <summary>A time without an offset would depend on the server's zone.</summary>
    private static bool HasOffset(JsonElement value, JsonTypeInfo type) =>
        Bare(type) != typeof(DateTimeOffset) || !value.TryGetDateTime(out var time) || time.Kind != DateTimeKind.Unspecified;

    private static bool MayBeNull(JsonPropertyInfo property) => property.PropertyType.IsValueType
        ? Nullable.GetUnderlyingType(property.PropertyType) is not null
        : property.AssociatedParameter?.IsNullable ?? property.IsSetNullable;

    private static string Expected(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Object => $"an object with the fields {string.Join(", ", type.Properties.Select(property => property.Name))}",
        JsonTypeInfoKind.Enumerable => "an array",
        _ => Expected(Bare(type), type),
    };

    private static string Expected(Type bare, JsonTypeInfo type) =>
        bare == typeof(string) ? "a string"
        : bare == typeof(bool) ? "true or false"
        : bare == typeof(int) ? string.Create(CultureInfo.InvariantCulture, $"a whole number of up to {int.MaxValue:N0}")
        : bare == typeof(long) ? "a whole number"
        : bare == typeof(decimal) ? "a number"
        : bare == typeof(Guid) ? "an id, such as \"019aa000-0000-7000-8000-000000000001\""
        : bare == typeof(DateTimeOffset) ? "a time in ISO 8601 with its offset, such as \"2026-03-01T09:00:00Z\""
        : bare == typeof(TimeOnly) ? "a time of day, such as \"09:00:00\""
        : bare.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(bare).Select(name => type.Options.PropertyNamingPolicy!.ConvertName(name)))}"
        : throw new InvalidOperationException($"No words for {bare}");

    private static Type Bare(JsonTypeInfo type) => Nullable.GetUnderlyingType(type.Type) ?? type.Type;

    private static string Within(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string NameOf(string path) => path.Length == 0 ? Whole : path;
}
