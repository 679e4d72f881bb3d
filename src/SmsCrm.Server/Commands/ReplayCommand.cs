using System.CommandLine;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm replay</c>: rebuilds the counts from the record of events.</summary>
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
            "Rebuilds counts and cost from message_events beside the live ones, and swaps them. Harmless while everything runs: new totals are folded again when it is done.",
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
            });
            try
            {
                var report = await host.Services.GetRequiredService<CountReplay>().RunAsync(parsed.GetValue(from), cancellation);
                await Console.Out.WriteLineAsync(report == default
                    ? "The counts were right: nothing was changed."
                    : FormattableString.Invariant(
                        $"Put right: {report.Campaigns:N0} lines by campaign and day, {report.Senders:N0} by sender and country, {report.Quarters:N0} by quarter-hour."));
                return ExitCodes.Ok;
            }
            catch (ArgumentOutOfRangeException gone)
            {
                throw new CommandException($"--from is {gone.Message.Split(" (Parameter")[0]}.", ExitCodes.Misuse);
            }
        });
        return command;
    }
}
