using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>Reads bodies strictly and answers problems, as the management endpoints need it.</summary>
internal static partial class ManagementJson
{
    private const int MostBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The body, or everything that is wrong with it.</summary>
    public static async Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(HttpContext context, CancellationToken cancellation)
        where T : class
    {
        var (text, problem) = await ReadTextAsync(context, cancellation);
        if (problem is not null)
        {
            return (null, problem);
        }

        var shape = (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
        return JsonShape.Errors(text!, shape) is { Count: > 0 } errors
            ? (null, Invalid(errors))
            : (JsonSerializer.Deserialize(text!, shape)!, null);
    }

    public static async Task<(string? Text, ProblemHttpResult? Problem)> ReadTextAsync(HttpContext context, CancellationToken cancellation)
    {
        if (context.Request.ContentLength is > MostBytes)
        {
            return (null, Problem(StatusCodes.Status413PayloadTooLarge, "Body too large", $"The body has more than {MostBytes} bytes."));
        }

        using var reader = new StreamReader(context.Request.Body);
        var buffer = new char[MostBytes + 1];
        var length = await reader.ReadBlockAsync(buffer, cancellation);
        return length > MostBytes
            ? (null, Problem(StatusCodes.Status413PayloadTooLarge, "Body too large", $"The body has more than {MostBytes} bytes."))
            : (new string(buffer, 0, length), null);
    }

    /// <param name="sentences">Each begins with the field that it is about.</param>
    public static ProblemHttpResult Invalid(params IReadOnlyList<string> sentences) => Invalid([.. sentences.Select(FieldOf)]);

    public static ProblemHttpResult Invalid(IReadOnlyList<FieldErrorJson> errors) => TypedResults.Problem(
        string.Join(' ', errors.Select(Sentence)), statusCode: StatusCodes.Status400BadRequest, title: "Invalid request", type: "about:blank",
        extensions: new Dictionary<string, object?> { ["errors"] = errors });

    public static string Sentence(FieldErrorJson error) => $"{error.Field} {error.Detail.TrimEnd('.')}.".TrimStart();

    public static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: title, type: "about:blank");

    /// <summary>What is about no single field, such as a limit that the tenant has reached, has none.</summary>
    private static FieldErrorJson FieldOf(string sentence) => FirstField().Match(sentence) is { Success: true } field
        ? new FieldErrorJson(field.Groups[1].Value, sentence[field.Length..].TrimEnd('.'))
        : new FieldErrorJson("", sentence.TrimEnd('.'));

    [GeneratedRegex(@"^([a-z][a-z0-9_.\[\]]*) ")]
    private static partial Regex FirstField();
}
