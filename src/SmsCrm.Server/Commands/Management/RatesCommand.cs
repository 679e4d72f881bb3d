using System.CommandLine;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Management;
using SmsCrm.Server.Endpoints.Operation;

namespace SmsCrm.Server.Commands.Management;

/// <summary><c>smscrm rates</c> and <c>smscrm budgets</c>: what a segment costs, and what may be spent.</summary>
internal static class RatesCommand
{
    private const string Example = "--tenant 019aa000-0000-7000-8000-000000000001";

    public static Command Create() => new("rates", "What a segment costs, by country.") { List(), Set(), Remove() };

    public static Command CreateBudgets() => new("budgets", "What a tenant or a campaign may spend.") { ListBudgets(), SetBudget() };

    private static CommandWithExamples List()
    {
        var tenant = ManagementCommand.TenantOrEverybody();
        var command = new CommandWithExamples("list", "Shows everybody's rates, or a tenant's own.", "smscrm rates list") { tenant };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.ShowAsync(
            (await services.GetRequiredService<RateStore>().ListAsync(Of(parsed.GetValue(tenant)), cancellation)).Select(RateJson.Of))));
        return command;
    }

    private static CommandWithExamples Set()
    {
        var (tenant, country, by) = (ManagementCommand.TenantOrEverybody(), Country(), ManagementCommand.By());
        var rate = new Option<decimal>("--rate") { Description = "Of a segment, in the currency's units, 0 to 100.", Required = true };
        rate.Validators.Add(result => Numbers.RequireMoney(result, "--rate", Micros.MostRate));
        var command = new CommandWithExamples("set", "Makes a rate or changes it.", "smscrm rates set DE --rate 0.075", $"smscrm rates set US --rate 0.006 {Example}")
        {
            country, rate, tenant, by,
        };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<RateStore>().PutAsync(
                Of(parsed.GetValue(tenant)), parsed.GetRequiredValue(country), OfUnits(parsed.GetValue(rate), Micros.MostRate), parsed.GetRequiredValue(by), cancellation),
            RateJson.Of)));
        return command;
    }

    private static CommandWithExamples Remove()
    {
        var (tenant, country, by) = (ManagementCommand.TenantOrEverybody(), Country(), ManagementCommand.By());
        var command = new CommandWithExamples("remove", "Takes a rate away: the next one that fits counts.", $"smscrm rates remove US {Example}") { country, tenant, by };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<RateStore>().RemoveAsync(
                Of(parsed.GetValue(tenant)), parsed.GetRequiredValue(country), parsed.GetRequiredValue(by), cancellation),
            RateJson.Of)));
        return command;
    }

    private static CommandWithExamples ListBudgets()
    {
        var tenant = ManagementCommand.Tenant();
        var command = new CommandWithExamples("list", "Shows a tenant's budgets, with what is held and spent.", $"smscrm budgets list {Example}") { tenant };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.ShowAsync(
            (await services.GetRequiredService<BudgetStore>().ListAsync(new TenantId(parsed.GetValue(tenant)), cancellation)).Select(BudgetJson.Of))));
        return command;
    }

    private static CommandWithExamples SetBudget()
    {
        var (tenant, by) = (ManagementCommand.Tenant(), ManagementCommand.By());
        var campaign = new Option<string>("--campaign") { Description = "Only this campaign's; default the whole tenant's.", DefaultValueFactory = _ => "", HelpName = "id" };
        var limit = new Option<decimal>("--limit") { Description = "In the currency's units, 0 to 1,000,000,000.", Required = true };
        limit.Validators.Add(result => Numbers.RequireMoney(result, "--limit", Micros.MostLimit));
        var command = new CommandWithExamples("set", "Makes a budget or changes its limit.", $"smscrm budgets set {Example} --campaign spring --limit 250") { tenant, campaign, limit, by };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<BudgetStore>().PutAsync(
                new TenantId(parsed.GetValue(tenant)), parsed.GetRequiredValue(campaign), OfUnits(parsed.GetValue(limit), Micros.MostLimit), parsed.GetRequiredValue(by), cancellation),
            BudgetJson.Of)));
        return command;
    }

    private static Argument<string> Country() => new("country") { Description = "ISO 3166-1 alpha-2, or ** for any other." };

    /// <summary>The validator has seen it.</summary>
    private static long OfUnits(decimal units, decimal most) => Micros.TryOf(units, most, out var micros) ? micros : throw new ArgumentOutOfRangeException(nameof(units));

    private static TenantId? Of(Guid? tenant) => tenant is { } id ? new TenantId(id) : null;
}
