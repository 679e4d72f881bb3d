using System.Globalization;
using System.Text;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The query of a list. The operator of a date is part of its name: <c>DateSent%3E=2026-01-31</c>.</summary>
internal sealed class ListQuery
{
    public const int DefaultPageSize = 50;
    public const int MostPageSize = 1000;

    public string? To { get; private set; }
    public string? From { get; private set; }
    public long SentFromMs { get; private set; } = long.MinValue;
    public long SentBeforeMs { get; private set; } = long.MaxValue;
    public int PageSize { get; private set; } = DefaultPageSize;
    public int Page { get; private set; }
    public string? PageToken { get; private set; }

    /// <summary>What the pages' URIs repeat.</summary>
    public List<(string Name, string Value)> Filters { get; } = [];

    public static bool TryRead(string query, out ListQuery list, out ApiError error)
    {
        list = new ListQuery();
        error = null!;
        var reader = new FormReader(Encoding.UTF8.GetBytes(query.TrimStart('?')));
        while (reader.Read(out var key, out var value))
        {
            if (list.Take(FormReader.Decode(key), FormReader.Decode(value)) is { } found)
            {
                error = found;
                return false;
            }
        }
        return true;
    }

    private ApiError? Take(string name, string value)
    {
        if (value.Length == 0)
            return null;
        switch (name)
        {
            case "To":
                To = value;
                break;
            case "From":
                From = value;
                break;
            case "DateSent" or "DateSent<" or "DateSent>":
                if (!TakeDate(name, value))
                    return ApiError.InvalidParameter(name, value, "a date (yyyy-MM-dd) or a date and time (yyyy-MM-ddTHH:mm:ssZ)");
                break;
            case "PageSize":
                if (!TryNumber(value, out var size) || size is < 1 or > MostPageSize)
                    return ApiError.PageSizeTooLarge;
                PageSize = size;
                return null;
            case "Page":
                if (!TryNumber(value, out var page))
                    return ApiError.InvalidParameter(name, value, "a page number from 0");
                Page = page;
                return null;
            case "PageToken":
                PageToken = value;
                return null;
            default:
                return null;
        }
        Filters.Add((name, value));
        return null;
    }

    // A whole day, unless a time is given: DateSent is that day (or that second), DateSent< everything up to its beginning, DateSent>
    // everything from its beginning on.
    private bool TakeDate(string name, string value)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var isDay = DateTimeOffset.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, utc, out var date);
        if (!isDay && !CreateForm.TryParseDate(value, out date))
            return false;
        var fromMs = date.ToUnixTimeMilliseconds();
        var lengthMs = isDay ? 24 * 3600 * 1000L : 1000L;
        if (name is "DateSent" or "DateSent>")
            SentFromMs = Math.Max(SentFromMs, fromMs);
        if (name == "DateSent")
            SentBeforeMs = Math.Min(SentBeforeMs, fromMs + lengthMs);
        // "On or before midnight", Twilio's words; with a time, up to that second.
        if (name == "DateSent<")
            SentBeforeMs = Math.Min(SentBeforeMs, fromMs + (isDay ? 1 : lengthMs));
        return true;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 10_000_000;
}
