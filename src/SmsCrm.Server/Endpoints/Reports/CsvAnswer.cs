using System.Text;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Exports;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>A table as CSV, written as it is read: memory stays flat, whatever its length. One that breaks off ends the connection, so that nobody takes it for whole.</summary>
internal static class CsvAnswer
{
    public const string MediaType = "text/csv";

    private const int FlushedBytes = 32 * 1024;

    /// <summary>By <c>format</c>, else by Accept: what is weighted highest, the first of equals.</summary>
    public static bool IsAsked(HttpRequest request, QueryReader query, string? format)
    {
        if (format is not null)
        {
            if (format is not ("json" or "csv"))
            {
                query.Refuse("format", format, "it is json or csv");
            }

            return format == "csv";
        }

        return request.GetTypedHeaders().Accept is { Count: > 0 } accepted
            && accepted.OrderByDescending(type => type.Quality ?? 1).First().MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);
    }

    public static IResult Of(TenantSlots slots, TenantId tenant, string fileName, IAsyncEnumerable<IReadOnlyList<string>> lines)
    {
        if (!slots.TryTake(tenant))
        {
            return new TooManyAtOnce("Too many exports", "As many exports as may run at once are running: wait for one to end, or for a minute.", retryAfterSeconds: 60);
        }

        return TypedResults.Stream(
            async body =>
            {
                try
                {
                    await WriteAsync(body, lines);
                }
                finally
                {
                    slots.Return(tenant);
                }
            },
            $"{MediaType}; charset=utf-8",
            fileName);
    }

    private static async Task WriteAsync(Stream body, IAsyncEnumerable<IReadOnlyList<string>> lines)
    {
        var waiting = new StringBuilder();
        await foreach (var line in lines)
        {
            waiting.Append(CsvText.Line(line));
            if (waiting.Length >= FlushedBytes)
            {
                await body.WriteAsync(Encoding.UTF8.GetBytes(waiting.ToString()));
                waiting.Clear();
            }
        }

        await body.WriteAsync(Encoding.UTF8.GetBytes(waiting.ToString()));
    }
}
