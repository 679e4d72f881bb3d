using System.Globalization;
using Spectre.Console;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>The figures as a person reads them.</summary>
internal static class WebhooksTable
{
    public static string Line(WebhooksPhase phase) => string.Create(
        CultureInfo.InvariantCulture,
        $"{phase.Name}: {phase.Delivered:N0} of {phase.Expected:N0} to good endpoints, p50 {phase.Delay.P50Ms} ms, p99 {phase.Delay.P99Ms} ms, max {phase.Delay.MaxMs} ms");

    public static void Print(WebhooksResult result)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("phase", "delivered / expected", "twice", "delay p50 / p99 / max, ms", "of it up to enqueued", "to hanging / failing");
        foreach (var phase in result.Phases)
        {
            table.AddRow(
                phase.Name,
                Text($"{phase.Delivered:N0} / {phase.Expected:N0}"),
                Text($"{phase.Twice:N0}"),
                Text($"{phase.Delay.P50Ms} / {phase.Delay.P99Ms} / {phase.Delay.MaxMs}"),
                string.Join(" / ", phase.ToEnqueued.Select(ms => Text($"{ms}"))),
                Text($"{phase.ToHanging:N0} / {phase.ToFailing:N0}"));
        }

        AnsiConsole.Write(table);
        foreach (var phase in result.Phases)
        {
            Console.WriteLine($"CPU seconds, {phase.Name}: {string.Join(", ", phase.CpuSeconds.Select(cpu => Text($"{cpu.Key} {cpu.Value:N1}")))}");
        }

        foreach (var ratio in result.Ratios)
        {
            Console.WriteLine(Text($"{ratio.Phase} to the mean of the good phases beside it: p50 {ratio.P50}, p99 {ratio.P99}, max {ratio.Max}"));
        }

        foreach (var total in result.Totals)
        {
            Console.WriteLine(Text(
                $"{total.Class}: {total.Made:N0} of {total.Expected:N0} deliveries made; {total.Delivered:N0} delivered, {total.Waiting:N0} wait for their next try, {total.GivenUp:N0} given up; {total.Attempts:N0} attempts"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
