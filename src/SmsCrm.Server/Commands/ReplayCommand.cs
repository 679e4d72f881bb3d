using System.CommandLine;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm replay</c>: rebuilds the counts from the record of events, and those of clicks from the record of hits.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var from = new Option<DateOnly>("--from")
        {
            Description = "First day whose counts are rebuilt: of acceptance by each tenant's own clock, of events by UTC; all after it are too.",
            HelpName = "yyyy-mm-dd",
            Required = true,
        };
        var command = new CommandWithExamples(
            "replay",
            "Rebuilds counts and cost from message_events beside the live ones, and swaps them; counts of clicks from link_hits. Harmless while everything runs: new "
            + "totals are folded again when it is done.",
            "smscrm replay --from 2026-11-01")
        {
            from,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var host = await CommandHost.BuildAsync((services, configuration) =>
            {
                services.AddStorage(configuration);
                services.AddLedger();
                services.AddClickReplay();
            });
            try
            {
                var day = parsed.GetValue(from);
                var counts = await host.Services.GetRequiredService<CountReplay>().RunAsync(day, cancellation);
                var clicks = await host.Services.GetRequiredService<ClickReplay>().RunAsync(day, cancellation);
                await Console.Out.WriteLineAsync(Told(counts, clicks));
                return ExitCodes.Ok;
            }
            catch (ArgumentOutOfRangeException gone)
            {
                throw new CommandException($"--from is {gone.Message.Split(" (Parameter")[0]}.", ExitCodes.Misuse);
            }
        });
        return command;
    }

    internal static string Told(CountReplayReport counts, ClickReplayReport clicks)
    {
        var right = counts == default && clicks is { Clickers: 0, Quarters: 0 }
            ? "The counts were right: nothing was changed."
            : FormattableString.Invariant(
                $"Put right: {counts.Campaigns:N0} lines by campaign and day, {counts.Senders:N0} by sender and country, {counts.Quarters:N0} by quarter-hour, ")
                + FormattableString.Invariant($"{clicks.Quarters:N0} of clicks by quarter-hour, {clicks.Clickers:N0} messages' first clicks.");
        return clicks.KeptSince is { } since
            ? FormattableString.Invariant($"{right}\nClicks are kept since {since:yyyy-MM-dd HH:mm} UTC: what was counted of them before was left as it is.")
            : right;
    }
}
