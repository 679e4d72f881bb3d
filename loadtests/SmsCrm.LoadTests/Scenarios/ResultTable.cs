using System.Globalization;
using SmsCrm.LoadTests.Measuring;
using Spectre.Console;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>The figures as a person reads them.</summary>
internal static class ResultTable
{
    public static void Print(LoadResult result)
    {
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumns("what", "figure");
        table.AddRow("scenario", Text($"{result.Scenario}, {result.Rate:N0}/s for {result.DurationSeconds:N0} s, broker {result.Broker}, seed {result.Seed}"));
        table.AddRow("offered / accepted / errors", Text($"{result.Offered:N0} / {result.Accepted:N0} / {result.Errors:N0}"));
        if (result.FirstError is { } error)
        {
            table.AddRow("first error", Markup.Escape(error));
        }

        table.AddRow("accept latency, ms", Latency(result.AcceptLatency));
        if (result.DeliveryLatency is { } delivery)
        {
            table.AddRow("to 'delivered' in Postgres, ms", Latency(delivery));
            table.AddRow("delivered", Text($"{result.Delivered:N0}; taken twice by the provider: {result.Duplicates}"));
            table.AddRow("states at the end", Markup.Escape(string.Join(", ", result.States!.Select(state => Text($"{state.Key} {state.Value:N0}")))));
            table.AddRow("backlog by second", string.Join(' ', result.BacklogBySecond!));
            table.AddRow("drained after", Text($"{result.DrainSeconds} s"));
        }

        table.AddRow("CPU us a message", string.Join(", ", result.CpuMicrosecondsPerMessage.Select(cpu => Text($"{cpu.Key} {cpu.Value:N0}"))));
        table.AddRow("in all", Text($"{result.CpuMicrosecondsPerMessage.Values.Sum():N0} us"));
        AnsiConsole.Write(table);
    }

    private static string Latency(LatencySummary latency) =>
        Text($"p50 {latency.P50Ms}, p90 {latency.P90Ms}, p99 {latency.P99Ms}, p99.9 {latency.P999Ms}, max {latency.MaxMs}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
