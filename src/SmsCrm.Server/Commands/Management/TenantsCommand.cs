using System.CommandLine;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Server.Endpoints.Operation;

namespace SmsCrm.Server.Commands.Management;

/// <summary><c>smscrm tenants</c>.</summary>
internal static class TenantsCommand
{
    private const string ExampleId = "019aa000-0000-7000-8000-000000000001";

    public static Command Create() => new("tenants", "Companies that send.") { List(), Make(), Update() };

    private static CommandWithExamples List()
    {
        var after = new Option<Guid>("--after") { Description = "Goes on after this id.", HelpName = "id" };
        var command = new CommandWithExamples("list", "Shows up to 1,000 tenants by id.", "smscrm tenants list") { after };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.ShowAsync(
            (await services.GetRequiredService<TenantStore>().ListAsync(new TenantId(parsed.GetValue(after)), cancellation)).Select(TenantJson.Of))));
        return command;
    }

    private static CommandWithExamples Make()
    {
        var (name, by) = (new Option<string>("--name") { Description = "1 to 200 characters, unique.", Required = true }, ManagementCommand.By());
        var (country, rate, evidence, state, zone, domain) = Settings();
        var command = new CommandWithExamples("create", "Makes a tenant.", "smscrm tenants create --name Acme --rate 500") { name, country, rate, evidence, state, zone, domain, by };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<TenantStore>().CreateAsync(
                Changed(new TenantSettings(parsed.GetRequiredValue(name)), parsed, country, rate, evidence, state, zone, domain), parsed.GetRequiredValue(by), cancellation),
            TenantJson.Of)));
        return command;
    }

    private static CommandWithExamples Update()
    {
        var (id, name, by) = (new Argument<Guid>("tenant") { Description = "Its id." }, new Option<string?>("--name") { Description = "1 to 200 characters, unique." }, ManagementCommand.By());
        var (country, rate, evidence, state, zone, domain) = Settings();
        var command = new CommandWithExamples(
            "update", "Changes what is given of a tenant; the rest stays.", $"smscrm tenants update {ExampleId} --state paused")
        {
            id, name, country, rate, evidence, state, zone, domain, by,
        };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var tenants = services.GetRequiredService<TenantStore>();
            var tenant = await tenants.GetAsync(new TenantId(parsed.GetValue(id)), cancellation) ?? throw new CommandException($"There is no tenant {parsed.GetValue(id)}.");
            var now = new TenantSettings(parsed.GetValue(name) ?? tenant.Name)
            {
                State = tenant.State,
                DefaultCountry = tenant.DefaultCountry,
                SegmentsPerSecond = tenant.SegmentsPerSecond,
                AllowsEvidence = tenant.AllowsEvidence,
                TimeZone = tenant.TimeZone,
                LinkDomain = tenant.LinkDomain,
            };
            return await ManagementCommand.AnswerAsync(
                await tenants.UpdateAsync(tenant.Id, tenant.Version, Changed(now, parsed, country, rate, evidence, state, zone, domain), parsed.GetRequiredValue(by), cancellation),
                TenantJson.Of);
        }));
        return command;
    }

    private static (Option<string?> Country, Option<int?> Rate, Option<bool?> Evidence, Option<TenantState?> State, Option<string?> Zone,
        Option<string?> Domain) Settings() => (
        new Option<string?>("--country") { Description = "ISO 3166-1 alpha-2, for numbers that are not in E.164." },
        new Option<int?>("--rate") { Description = "Segments a second over all its senders, 1 to 100,000." },
        new Option<bool?>("--allows-evidence") { Description = "Whether absence from the provider's list may let a second attempt go (docs/adr/0004)." },
        new Option<TenantState?>("--state") { Description = "active; paused: what is accepted waits; suspended: it is rejected." },
        new Option<string?>("--time-zone") { Description = "IANA, such as Asia/Kolkata: whose days and hours the reports tell." },
        new Option<string?>("--link-domain") { Description = "Host of its short links, such as go.example.com; '' for the installation's.", HelpName = "host" });

    private static TenantSettings Changed(
        TenantSettings now, ParseResult parsed, Option<string?> country, Option<int?> rate, Option<bool?> evidence, Option<TenantState?> state,
        Option<string?> zone, Option<string?> domain) => now with
        {
            DefaultCountry = parsed.GetValue(country) ?? now.DefaultCountry,
            SegmentsPerSecond = parsed.GetValue(rate) ?? now.SegmentsPerSecond,
            AllowsEvidence = parsed.GetValue(evidence) ?? now.AllowsEvidence,
            State = parsed.GetValue(state) ?? now.State,
            TimeZone = parsed.GetValue(zone) ?? now.TimeZone,
            LinkDomain = parsed.GetValue(domain) ?? now.LinkDomain,
        };
}
