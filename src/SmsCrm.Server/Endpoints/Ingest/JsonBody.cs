using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>What is wrong with a body as a whole.</summary>
internal sealed record BodyError(int Status, string Title, string Detail);

/// <summary>Reads a bounded JSON body, without copying it.</summary>
internal static class JsonBody
{
    /// <summary>How much of a body that is too large is read away before the answer.</summary>
    private const long MostDrainedBytes = 64 * 1024 * 1024;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 16 };

    public delegate T? Parse<out T>(ref Utf8JsonReader reader)
        where T : class;

    /// <summary>The parsed body, or what is wrong with it: another media type (415), too much (413), no JSON (400).</summary>
    public static async ValueTask<(T? Value, BodyError? Error)> ReadAsync<T>(HttpRequest request, int mostBytes, Parse<T> parse, CancellationToken cancellation)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, new BodyError(
                StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", $"The content type is '{request.ContentType}': send application/json."));
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostDrainedBytes;
        }

        var body = request.BodyReader;
        if (request.ContentLength > mostBytes)
        {
            await DrainAsync(body, cancellation);
            return (null, TooLarge(mostBytes));
        }

        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            if (read.Buffer.Length > mostBytes)
            {
                body.AdvanceTo(read.Buffer.End);
                await DrainAsync(body, cancellation);
                return (null, TooLarge(mostBytes));
            }

            if (read.IsCompleted)
            {
                var parsed = ParseWhole(read, parse);
                body.AdvanceTo(read.Buffer.End);
                return parsed;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Where a text stops being JSON, and why.</summary>
    public static string Place(JsonException malformed) => string.Create(
        CultureInfo.InvariantCulture,
        $"line {(malformed.LineNumber ?? 0) + 1}, byte {(malformed.BytePositionInLine ?? 0) + 1}: {Reason(malformed)}");

    /// <summary>A client that is still writing when the answer comes would see a broken connection and never read it.</summary>
    private static async Task DrainAsync(PipeReader body, CancellationToken cancellation)
    {
        try
        {
            for (var isCompleted = false; !isCompleted;)
            {
                var read = await body.ReadAsync(cancellation);
                isCompleted = read.IsCompleted;
                body.AdvanceTo(read.Buffer.End);
            }
        }
        catch (BadHttpRequestException)
        {
            // More than anybody would send by mistake: let the connection break.
        }
    }

    private static (T? Value, BodyError? Error) ParseWhole<T>(ReadResult read, Parse<T> parse)
        where T : class
    {
        if (read.Buffer.IsEmpty)
        {
            return (null, new BodyError(StatusCodes.Status400BadRequest, "No body", "The body is empty: send a JSON object."));
        }

        try
        {
            var reader = new Utf8JsonReader(read.Buffer, Strict);
            reader.Read();
            var value = parse(ref reader);

            // Whatever comes after the value is no JSON either: the reader says so.
            reader.Read();
            return (value, null);
        }
        catch (JsonException malformed)
        {
            return (null, new BodyError(StatusCodes.Status400BadRequest, "Malformed JSON", $"The body is not JSON at {Place(malformed)}"));
        }
    }

    /// <summary>Without the position, which is said in the terms of an editor.</summary>
    private static string Reason(JsonException malformed) => malformed.Message.Split(" LineNumber:")[0].TrimEnd('|', ' ');

    private static BodyError TooLarge(int mostBytes) => new(
        StatusCodes.Status413PayloadTooLarge,
        "Body too large",
        string.Create(CultureInfo.InvariantCulture, $"The body has more than {mostBytes:N0} bytes: send less at once."));
}
