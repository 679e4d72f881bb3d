using System.CommandLine;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Reporting;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;
using SmsCrm.Streams;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm ledger</c>: looks whether the ledger agrees with itself, with Kafka and with the provider.</summary>
internal static class LedgerCommand
{
    private const int DefaultDays = 2;

    public static Command Create() => new("ledger", "The record of every message.") { Verify() };

    private static CommandWithExamples Verify()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Only this tenant's messages.", HelpName = "id" };
        var from = new Option<DateOnly?>("--from") { Description = "First day (UTC) of acceptance; default yesterday. What is counted by tenants' own days is compared for the days of these names.", HelpName = "yyyy-mm-dd" };
        var to = new Option<DateOnly?>("--to") { Description = "Last day (UTC) of acceptance; default today.", HelpName = "yyyy-mm-dd" };
        var kafka = Source("--kafka", "Whether Kafka's requests are compared: on (default) or off.");
        var provider = Source("--provider", "Whether the provider's own list is compared: on (default) or off.");
        var grace = new Option<int>("--grace")
        {
            Description = "With Kafka or the provider, what is younger is left out: it may be on its way. 0 to 86400 seconds, default 60.",
            HelpName = "seconds",
            DefaultValueFactory = static _ => 60,
        };
        var most = new Option<int>("--most")
        {
            Description = "Most faults named of each comparison; all are counted. 1 to 10000, default 100.",
            HelpName = "number",
            DefaultValueFactory = static _ => 100,
        };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of lines." };
        var command = new CommandWithExamples(
            "verify",
            "Compares rows, events, counts, what waits, holds, sids, keys and clicks (by their own days) from one snapshot, Kafka's requests and the provider's own "
            + "list, and names what does not agree. Exit code 1 when something does not, or a source did not answer.",
            "smscrm ledger verify",
            "smscrm ledger verify --kafka off --provider off",
            "smscrm ledger verify --tenant 019aa000-0000-7000-8000-000000000001 --from 2026-11-01 --json")
        {
            tenant, from, to, kafka, provider, grace, most, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var scope = Scope(parsed.GetValue(tenant), parsed.GetValue(from), parsed.GetValue(to)) with
            {
                Kafka = parsed.GetValue(kafka) == "on",
                Provider = parsed.GetValue(provider) == "on",
                Grace = TimeSpan.FromSeconds(Within("--grace", parsed.GetValue(grace), 0, 86_400)),
                Most = Within("--most", parsed.GetValue(most), 1, 10_000),
            };
            return RunAsync(scope, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static Option<string> Source(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "on|off", DefaultValueFactory = static _ => "on" };
        option.AcceptOnlyFromAmong("on", "off");
        return option;
    }

    private static LedgerScope Scope(Guid? tenant, DateOnly? from, DateOnly? to)
    {
        var last = to ?? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var first = from ?? last.AddDays(1 - DefaultDays);
        return first <= last
            ? new LedgerScope(tenant, first, last)
            : throw new CommandException($"--from {first:yyyy-MM-dd} is after --to {last:yyyy-MM-dd}: it must be the earlier day.", ExitCodes.Misuse);
    }

    private static int Within(string option, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new CommandException(FormattableString.Invariant($"{option} is {value}: it must be from {least} to {most}."), ExitCodes.Misuse);

    private static async Task<int> RunAsync(LedgerScope scope, bool asJson, CancellationToken cancellation)
    {
        using var host = await CommandHost.BuildAsync((services, configuration) =>
        {
            services.AddStorage(configuration);
            if (scope.Kafka)
            {
                services.AddStreams(configuration);
            }

            if (scope.Provider)
            {
                services.AddProvider();
            }

            services.AddReporting();
        });
        var verdict = await host.Services.GetRequiredService<LedgerVerification>().VerifyAsync(scope, cancellation);
        await Console.Out.WriteLineAsync(asJson ? LedgerReport.Json(scope, verdict) : LedgerReport.Text(scope, verdict));
        return verdict.Agrees ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
