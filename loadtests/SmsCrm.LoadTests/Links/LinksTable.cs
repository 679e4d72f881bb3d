using System.Globalization;
using Spectre.Console;

namespace SmsCrm.LoadTests.Links;

/// <summary>The figures as a person reads them.</summary>
internal static class LinksTable
{
    public static string Line(IngestPart part) => Text(
        $"{part.Name} a link: {part.Accepted:N0} of {part.Offered:N0} accepted, p50 {part.Latency.P50Ms} ms, p99 {part.Latency.P99Ms} ms, {part.CpuMicrosecondsPerMessage.Values.Sum():N0} us a message");

    public static string Line(RedirectPart part) => Text(
        $"{part.Name}, {part.Rate:N0}/s: {part.PerSecond:N0}/s answered, p50 {part.Latency.P50Ms} ms, p99 {part.Latency.P99Ms} ms; {part.Found:N0} found, {part.Clicks:N0} clicks, {part.HitsLost:N0} lost");

    public static void Print(LinksResult result)
    {
        var ingest = new Table().Border(TableBorder.Simple).AddColumns("ingest", "accepted / offered", "p50 / p99, ms", "CPU us a message");
        foreach (var part in result.Ingest)
        {
            ingest.AddRow(
                part.Name, Text($"{part.Accepted:N0} / {part.Offered:N0}"), Text($"{part.Latency.P50Ms} / {part.Latency.P99Ms}"), Cpu(part.CpuMicrosecondsPerMessage));
        }

        AnsiConsole.Write(ingest);
        Console.WriteLine($"with a link to without: {string.Join(", ", result.IngestRatio.Select(ratio => Text($"{ratio.Key} {ratio.Value}")))}");
        var redirects = new Table().Border(TableBorder.Simple).AddColumns("links", "rate / answered", "302 / 404 / 503 / errors", "p50 / p99 / max, ms", "answered by", "clicks / lost");
        foreach (var part in result.Redirects)
        {
            redirects.AddRow(
                part.Name,
                Text($"{part.Rate:N0} / {part.PerSecond:N0}"),
                Text($"{part.Found:N0} / {part.Nowhere:N0} / {part.Unreachable:N0} / {part.Errors:N0}"),
                Text($"{part.Latency.P50Ms} / {part.Latency.P99Ms} / {part.Latency.MaxMs}"),
                string.Join(", ", part.AnsweredBy.Where(static by => by.Value > 0).Select(by => Text($"{by.Key} {by.Value:N0}"))),
                Text($"{part.Clicks:N0} / {part.HitsLost:N0}"));
        }

        AnsiConsole.Write(redirects);
        foreach (var part in result.Redirects)
        {
            Console.WriteLine(Text($"CPU us a request, {part.Name} at {part.Rate:N0}/s: {Cpu(part.CpuMicrosecondsPerRequest)}"));
        }
    }

    private static string Cpu(IReadOnlyDictionary<string, double> cpu) =>
        string.Join(", ", cpu.Select(process => Text($"{process.Key} {process.Value:N0}"))) + Text($": {cpu.Values.Sum():N0}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
