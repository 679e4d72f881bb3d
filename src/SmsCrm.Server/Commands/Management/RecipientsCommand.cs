using System.CommandLine;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Server.Commands.Management;

/// <summary><c>smscrm suppressions</c> and <c>smscrm consent</c>: who may not be texted, and who agreed to it.</summary>
internal static class RecipientsCommand
{
    private const string Example = "--tenant 019aa000-0000-7000-8000-000000000001";
    private const string Source = "command";

    public static Command CreateSuppressions() => new("suppressions", "Numbers that may not be texted: by a tenant, or by anybody.") { Add(), Lift() };

    public static Command CreateConsent() => new("consent", "What recipients agreed to.") { Record() };

    private static CommandWithExamples Add()
    {
        var (tenant, number, by) = (ManagementCommand.TenantOrEverybody(), Number(), ManagementCommand.By());
        var command = new CommandWithExamples(
            "add", "Suppresses a number. Ends 2.1 s after that was recorded: from then on no message to it can leave.",
            "smscrm suppressions add +14155550123", $"smscrm suppressions add +14155550123 {Example}")
        {
            number, tenant, by,
        };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var (list, to, actor) = (services.GetRequiredService<SuppressionList>(), ManagementCommand.Number(parsed.GetRequiredValue(number)), parsed.GetRequiredValue(by));
            Acknowledgement acknowledgement;
            if (parsed.GetValue(tenant) is { } id)
            {
                acknowledgement = await list.SuppressAsync(new TenantId(id), to, new RecipientChange(Source, actor), cancellation);
            }
            else
            {
                acknowledgement = await list.SuppressEverywhereAsync(to, Source, cancellation);
                await services.GetRequiredService<ChangeLog>().NoteAsync(actor, "suppress", $"number {to}", cancellation);
            }

            await acknowledgement.MayBeToldAsync(cancellation);
            await Console.Out.WriteLineAsync($"{to} is suppressed.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static CommandWithExamples Lift()
    {
        var (tenant, number, by) = (ManagementCommand.TenantOrEverybody(), Number(), ManagementCommand.By());
        var command = new CommandWithExamples("lift", "Lifts a suppression, for what is accepted from now on.", $"smscrm suppressions lift +14155550123 {Example}") { number, tenant, by };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var (list, to, actor) = (services.GetRequiredService<SuppressionList>(), ManagementCommand.Number(parsed.GetRequiredValue(number)), parsed.GetRequiredValue(by));
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            var lifted = parsed.GetValue(tenant) is { } id
                ? await list.LiftAsync(new TenantId(id), to, now, new RecipientChange(Source, actor), cancellation)
                : await list.LiftEverywhereAsync(to, cancellation);
            if (!lifted)
            {
                throw new CommandException($"{to} is not suppressed.");
            }

            if (parsed.GetValue(tenant) is null)
            {
                await services.GetRequiredService<ChangeLog>().NoteAsync(actor, "lift", $"number {to}", cancellation);
            }

            await Console.Out.WriteLineAsync($"The suppression of {to} is lifted.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static CommandWithExamples Record()
    {
        var (tenant, number, by) = (ManagementCommand.Tenant(), Number(), ManagementCommand.By());
        var purpose = new Option<Purpose>("--purpose") { Description = "marketing or transactional.", DefaultValueFactory = _ => Purpose.Marketing };
        var revoked = new Option<bool>("--revoked") { Description = "A no instead of a yes." };
        var source = new Option<string>("--source") { Description = "Where it is from: a form's name, a paper, a call; 1 to 100 characters.", Required = true };
        source.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { Length: < 1 or > 100 } given)
            {
                result.AddError(FormattableString.Invariant($"--source has {given.Length} characters; it must have 1 to 100"));
            }
        });
        var wording = new Option<string?>("--wording") { Description = "What was agreed to, up to 2,000 characters." };
        var at = new Option<DateTimeOffset?>("--at") { Description = "When; default now." };
        var command = new CommandWithExamples(
            "record", "Records a yes or a no to a purpose, with its source and time.", $"smscrm consent record +14155550123 {Example} --source 'web form'")
        {
            number, tenant, purpose, revoked, source, wording, at, by,
        };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var to = ManagementCommand.Number(parsed.GetRequiredValue(number));
            var given = !parsed.GetValue(revoked);
            var acknowledgement = await services.GetRequiredService<RecipientRecords>().SetConsentAsync(
                new TenantId(parsed.GetValue(tenant)),
                to,
                parsed.GetValue(purpose),
                given,
                parsed.GetValue(at) ?? services.GetRequiredService<TimeProvider>().GetUtcNow(),
                new RecipientChange(parsed.GetRequiredValue(source), parsed.GetRequiredValue(by), parsed.GetValue(wording)),
                cancellation);
            if (!given)
            {
                await acknowledgement.MayBeToldAsync(cancellation);
            }

            await Console.Out.WriteLineAsync($"The {(given ? "yes" : "no")} of {to} is on record.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Argument<string> Number() => new("number") { Description = "In E.164." };
}
