using System.CommandLine;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.Server.Commands.Management;

/// <summary><c>smscrm senders</c>: what tenants send from, and its pools.</summary>
internal static class SendersCommand
{
    private const string Example = "--tenant 019aa000-0000-7000-8000-000000000001";
    private const string ExampleId = "019aa000-0000-7000-8000-000000000003";

    public static Command Create() => new("senders", "What tenants send from, and its pools.") { List(), Make(), Update(), Block(), Unblock() };

    private static CommandWithExamples List()
    {
        var tenant = ManagementCommand.Tenant();
        var command = new CommandWithExamples("list", "Shows a tenant's senders.", $"smscrm senders list {Example}") { tenant };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.ShowAsync(
            (await services.GetRequiredService<SenderStore>().ListAsync(new TenantId(parsed.GetValue(tenant)), cancellation)).Select(SenderJson.Of))));
        return command;
    }

    private static CommandWithExamples Make()
    {
        var (tenant, by) = (ManagementCommand.Tenant(), ManagementCommand.By());
        var account = new Option<Guid>("--account") { Description = "The provider account that it belongs to.", Required = true, HelpName = "id" };
        var address = new Option<string>("--address") { Description = "E.164, 3 to 8 digits, or a name of 1 to 11 letters, digits and blanks.", Required = true };
        var kind = new Option<string>("--kind") { Description = "What it is.", Required = true };
        kind.AcceptOnlyFromAmong([.. Enum.GetValues<SenderKind>().Select(SenderSettings.Code)]);
        var (pool, rate, weight, countries) = Settings();
        var command = new CommandWithExamples(
            "create", "Adds a sender to a pool.",
            $"smscrm senders create {Example} --account 019aa000-0000-7000-8000-000000000002 --address 12345 --kind short_code --pool codes")
        {
            tenant, account, address, kind, pool, rate, weight, countries, by,
        };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<SenderStore>().CreateAsync(
                new TenantId(parsed.GetValue(tenant)),
                new SenderSettings(parsed.GetValue(account), parsed.GetRequiredValue(address), SenderSettings.KindOf(parsed.GetRequiredValue(kind)))
                {
                    Pool = parsed.GetValue(pool) ?? "default",
                    SegmentsPerSecond = parsed.GetValue(rate),
                    Weight = parsed.GetValue(weight) ?? 1,
                    Countries = parsed.GetValue(countries) ?? [],
                },
                parsed.GetRequiredValue(by),
                cancellation),
            SenderJson.Of)));
        return command;
    }

    private static CommandWithExamples Update()
    {
        var (tenant, sender, by) = (ManagementCommand.Tenant(), Sender(), ManagementCommand.By());
        var (pool, rate, weight, countries) = Settings();
        var command = new CommandWithExamples("update", "Changes what is given of a sender; the rest stays.", $"smscrm senders update {ExampleId} {Example} --rate 5")
        {
            sender, tenant, pool, rate, weight, countries, by,
        };
        command.SetAction((parsed, cancellation) => ChangeAsync(
            parsed,
            tenant,
            sender,
            by,
            now => now with
            {
                Pool = parsed.GetValue(pool) ?? now.Pool,
                SegmentsPerSecond = parsed.GetValue(rate) ?? now.SegmentsPerSecond,
                Weight = parsed.GetValue(weight) ?? now.Weight,
                Countries = parsed.GetResult(countries) is null ? now.Countries : parsed.GetValue(countries) ?? [],
            },
            cancellation));
        return command;
    }

    private static CommandWithExamples Block()
    {
        var (tenant, sender, by) = (ManagementCommand.Tenant(), Sender(), ManagementCommand.By());
        var reason = new Option<string>("--reason") { Description = "1 to 500 characters.", Required = true };
        var command = new CommandWithExamples("block", "Takes a sender out of its pool.", $"smscrm senders block {ExampleId} {Example} --reason 'filtered by a carrier'")
        {
            sender, tenant, reason, by,
        };
        command.SetAction((parsed, cancellation) => ChangeAsync(
            parsed, tenant, sender, by, now => now with { BlockedReason = parsed.GetRequiredValue(reason) }, cancellation));
        return command;
    }

    private static CommandWithExamples Unblock()
    {
        var (tenant, sender, by) = (ManagementCommand.Tenant(), Sender(), ManagementCommand.By());
        var command = new CommandWithExamples("unblock", "Puts a sender into its pool again.", $"smscrm senders unblock {ExampleId} {Example}") { sender, tenant, by };
        command.SetAction((parsed, cancellation) => ChangeAsync(parsed, tenant, sender, by, static now => now with { BlockedReason = null }, cancellation));
        return command;
    }

    private static Task<int> ChangeAsync(
        ParseResult parsed, Option<Guid> tenant, Argument<Guid> sender, Option<string> by, Func<SenderChange, SenderChange> change, CancellationToken cancellation) =>
        ManagementCommand.RunAsync(async services =>
        {
            var (senders, owner) = (services.GetRequiredService<SenderStore>(), new TenantId(parsed.GetValue(tenant)));
            var found = (await senders.ListAsync(owner, cancellation)).SingleOrDefault(of => of.Id == parsed.GetValue(sender))
                ?? throw new CommandException($"The tenant has no sender {parsed.GetValue(sender)}.");
            return await ManagementCommand.AnswerAsync(
                await senders.UpdateAsync(owner, found.Id, found.Version, change(SenderChange.Of(found)), parsed.GetRequiredValue(by), cancellation), SenderJson.Of);
        });

    private static Argument<Guid> Sender() => new("sender") { Description = "Its id." };

    private static (Option<string?> Pool, Option<int?> Rate, Option<int?> Weight, Option<string[]?> Countries) Settings() => (
        new Option<string?>("--pool") { Description = "1 to 64 characters." },
        new Option<int?>("--rate") { Description = "Segments a second, 1 to 10,000; default the kind's." },
        new Option<int?>("--weight") { Description = "Share of its pool, 1 to 100." },
        new Option<string[]?>("--countries") { Description = "ISO 3166-1 alpha-2 that it may text; none: what its kind allows.", AllowMultipleArgumentsPerToken = true });
}
