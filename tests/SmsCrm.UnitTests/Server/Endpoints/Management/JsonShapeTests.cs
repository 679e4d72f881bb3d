using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.UnitTests.Server.Endpoints.Management;

public sealed class JsonShapeTests
{
    private const string Time = "\"2026-11-01T12:00:00Z\"";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    [Fact]
    public void What_fits_has_no_errors() =>
        Assert.Empty(Consent($$"""{"purpose":"marketing","given":true,"at":{{Time}},"source":"web","wording":null}"""));

    [Theory]
    [InlineData("", "body is empty: send a JSON object")]
    [InlineData("null", "body is null: it must be an object with the fields purpose, given, at, source, wording")]
    [InlineData("[]", "body is an array: it must be an object with the fields purpose, given, at, source, wording")]
    [InlineData("{bad", "body is not JSON at line 1, byte 2: 'b' is an invalid start of a property name. Expected a '\"'.")]
    [InlineData("""{"\ud800":1}""", "body has a field whose name holds half a surrogate pair: remove it")]
    public void A_body_that_is_no_object_is_told_as_a_whole(string body, string expected) => Assert.Equal([expected], Consent(body));

    [Theory]
    [InlineData("purpose", "1", "purpose is the number 1: it must be one of transactional, marketing")]
    [InlineData("given", "\"yes\"", "given is \"yes\": it must be true or false")]
    [InlineData("at", "\"2026-11-01T12:00:00\"", "at is \"2026-11-01T12:00:00\": it must be a time in ISO 8601 with its offset, such as \"2026-03-01T09:00:00Z\"")]
    [InlineData("source", "null", "source is null: it must be a string")]
    [InlineData("source", "{}", "source is an object: it must be a string")]
    [InlineData("source", "\"a\\u0000b\"", "source has the character \\u0000: remove it")]
    [InlineData("source", "\"\\ud83d\"", "source is a string with half a surrogate pair: it must be a string")]
    public void A_value_that_does_not_fit_is_told_with_its_field_and_what_fits(string field, string value, string expected)
    {
        var fields = new Dictionary<string, string> { ["purpose"] = "\"marketing\"", ["given"] = "true", ["at"] = Time, ["source"] = "\"web\"" };
        fields[field] = value;

        Assert.Equal([expected], Consent($"{{{string.Join(',', fields.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}}}"));
    }

    [Fact]
    public void Every_error_is_told_at_once_missing_unknown_and_repeated_fields_too() => Assert.Equal(
        [
            "given is given twice: give it once",
            "foo is not known here: known are purpose, given, at, source, wording",
            "purpose is missing: it must be one of transactional, marketing",
            "at is missing: it must be a time in ISO 8601 with its offset, such as \"2026-03-01T09:00:00Z\"",
        ],
        Consent("""{"given":true,"given":false,"source":"web","foo":1}"""));

    [Theory]
    [InlineData("""{"frequency_caps":[{"messages":1,"window_seconds":60},{"messages":"x"}]}""", "frequency_caps[1].messages is \"x\"", "frequency_caps[1].window_seconds is missing")]
    [InlineData("""{"gates_off":[null]}""", "gates_off[0] is null: it must be a string")]
    [InlineData("""{"quiet_hours":{"hours":[{"days":["monday","someday"],"from":"09:00","to":"x"}]}}""", "quiet_hours.hours[0].days[1] is \"someday\"", "quiet_hours.hours[0].to is \"x\": it must be a time of day")]
    public void Fields_within_objects_and_arrays_are_told_with_their_path(string body, params string[] expected)
    {
        var errors = JsonShape.Errors(body, TenantRulesJson.Shape).Select(error => $"{error.Field} {error.Detail}").ToList();

        Assert.Equal(expected.Length, errors.Count);
        Assert.All(expected.Zip(errors), pair => Assert.StartsWith(pair.First, pair.Second));
    }

    private static List<string> Consent(string body) =>
        [.. JsonShape.Errors(body, Options.GetTypeInfo(typeof(ConsentJson))).Select(error => $"{error.Field} {error.Detail}")];
}
