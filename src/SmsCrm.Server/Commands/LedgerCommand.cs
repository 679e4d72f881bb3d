using System.CommandLine;
using SmsCrm.Reporting;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm ledger</c>: looks whether the ledger agrees with itself.</summary>
internal static class LedgerCommand
{
    private const int DefaultDays = 2;

    public static Command Create() => new("ledger", "The record of every message.") { Verify() };

    private static CommandWithExamples Verify()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Only this tenant's messages.", HelpName = "id" };
        var from = new Option<DateOnly?>("--from") { Description = "First day (UTC) of acceptance; default yesterday.", HelpName = "yyyy-mm-dd" };
        var to = new Option<DateOnly?>("--to") { Description = "Last day (UTC) of acceptance; default today.", HelpName = "yyyy-mm-dd" };
        var command = new CommandWithExamples(
            "verify",
            "Compares rows, events, counts, what waits, holds, sids and keys from one snapshot, and names what does not agree. Exit code 1 when something does not.",
            "smscrm ledger verify",
            "smscrm ledger verify --tenant 019aa000-0000-7000-8000-000000000001 --from 2026-11-01")
        {
            tenant,
            from,
            to,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var host = await CommandHost.BuildAsync((services, configuration) =>
            {
                services.AddStorage(configuration);
                services.AddReporting();
            });
            var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
            var last = parsed.GetValue(to) ?? today;
            var first = parsed.GetValue(from) ?? last.AddDays(1 - DefaultDays);
            if (first > last)
            {
                throw new CommandException($"--from {first:yyyy-MM-dd} is after --to {last:yyyy-MM-dd}: it must be the earlier day.", ExitCodes.Misuse);
            }

            var verdict = await host.Services.GetRequiredService<LedgerVerification>().VerifyAsync(parsed.GetValue(tenant), first, last, cancellation);
            foreach (var fault in verdict.Faults)
            {
                await Console.Out.WriteLineAsync($"{fault.Check,-8} {fault.Subject}: {fault.Detail}");
            }

            await Console.Out.WriteLineAsync(FormattableString.Invariant(
                $"{verdict.Messages:N0} messages of {first:yyyy-MM-dd} to {last:yyyy-MM-dd}: {(verdict.Faults.Count == 0 ? "all agree" : $"{verdict.Faults.Count} do not agree")}"));
            return verdict.Faults.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }
}
