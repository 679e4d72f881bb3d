using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>Reads bodies strictly and answers problems, as the management endpoints need it.</summary>
internal static class ManagementJson
{
    private const int MostBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The body, or what is wrong with it, naming the path.</summary>
    public static async Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(HttpContext context, CancellationToken cancellation)
        where T : class
    {
        var (text, problem) = await ReadTextAsync(context, cancellation);
        if (problem is not null)
        {
            return (null, problem);
        }

        try
        {
            return (JsonSerializer.Deserialize<T>(text!, Options) ?? throw new JsonException("the body is null"), null);
        }
        catch (JsonException wrong)
        {
            return (null, Invalid(Sentence(wrong)));
        }
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

    public static string Sentence(JsonException wrong) => $"{wrong.Path ?? "$"}: {wrong.Message.Split(" Path:")[0]}";

    public static ProblemHttpResult Invalid(params IReadOnlyList<string> errors) => TypedResults.Problem(
        string.Join(' ', errors), statusCode: StatusCodes.Status400BadRequest, title: "Invalid settings", type: "about:blank",
        extensions: new Dictionary<string, object?> { ["errors"] = errors });

    public static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: title, type: "about:blank");
}
