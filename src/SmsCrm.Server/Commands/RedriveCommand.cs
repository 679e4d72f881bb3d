using System.CommandLine;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;
using SmsCrm.Streams;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm redrive</c>: feeds queued messages that nobody has taken up.</summary>
internal static class RedriveCommand
{
    public static Command Create()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Only this tenant's messages.", HelpName = "id" };
        var olderThan = new Option<int>("--older-than")
        {
            Description = "Only what was accepted so many seconds ago, 10 to 604,800: what is younger is on its way.",
            DefaultValueFactory = _ => 60,
            HelpName = "seconds",
        };
        olderThan.Validators.Add(result => Numbers.Require(result, "--older-than", 10, 604_800));
        var limit = new Option<int>("--limit") { Description = "Most messages, 1 to 100,000,000.", DefaultValueFactory = _ => 1_000_000, HelpName = "N" };
        limit.Validators.Add(result => Numbers.Require(result, "--limit", 1, 100_000_000));
        var trial = new Option<bool>("--dry-run") { Description = "Only counts them." };
        var command = new CommandWithExamples(
            "redrive",
            "Appends accepted messages that are still queued to Kafka again, after a log was lost. Harmless at any moment: a message is taken up once.",
            "smscrm redrive --dry-run",
            "smscrm redrive --older-than 300 --tenant 019aa000-0000-7000-8000-000000000001")
        {
            tenant, olderThan, limit, trial,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var host = await CommandHost.BuildAsync((services, configuration) =>
            {
                services.AddStorage(configuration);
                services.AddStreams(configuration);
                services.AddLedger();
                services.AddRedrive();
            });
            var isTrial = parsed.GetValue(trial);
            var report = await host.Services.GetRequiredService<Redrive>().RunAsync(
                parsed.GetValue(tenant) is { } id ? new TenantId(id) : null,
                TimeSpan.FromSeconds(parsed.GetValue(olderThan)),
                parsed.GetValue(limit),
                isTrial,
                progress: null,
                cancellation);
            await Console.Out.WriteLineAsync(isTrial
                ? FormattableString.Invariant($"{report.Found:N0} messages are queued and not taken up.")
                : FormattableString.Invariant($"{report.Appended:N0} of {report.Found:N0} queued messages were appended to Kafka again."));
            if (report.WithoutRequest > 0)
            {
                await Console.Out.WriteLineAsync(FormattableString.Invariant($"{report.WithoutRequest:N0} of them have no request in their rows: nothing can be sent for them."));
            }

            return isTrial || report.Appended + report.WithoutRequest == report.Found ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }
}
