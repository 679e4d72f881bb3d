using System.CommandLine;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.Server.Commands.Management;

/// <summary><c>smscrm accounts</c>: tenants' accounts at the provider.</summary>
internal static class AccountsCommand
{
    /// <summary>Not an argument: a command line is seen by everybody on the machine.</summary>
    private const string TokenVariable = "SMSCRM_AUTH_TOKEN";

    private const string Example = "--tenant 019aa000-0000-7000-8000-000000000001";
    private const string ExampleId = "019aa000-0000-7000-8000-000000000002";

    public static Command Create() => new("accounts", "Tenants' accounts at the provider.") { List(), Make(), Update(), Halt(), Resume() };

    private static CommandWithExamples List()
    {
        var tenant = ManagementCommand.Tenant();
        var command = new CommandWithExamples("list", "Shows a tenant's accounts, without their secrets.", $"smscrm accounts list {Example}") { tenant };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.ShowAsync(
            (await services.GetRequiredService<AccountStore>().ListAsync(new TenantId(parsed.GetValue(tenant)), cancellation)).Select(AccountJson.Of))));
        return command;
    }

    private static CommandWithExamples Make()
    {
        var (tenant, by, options) = (ManagementCommand.Tenant(), ManagementCommand.By(), new SettingsOptions());
        options.Name.Required = options.Sid.Required = true;
        var command = new CommandWithExamples(
            "create", $"Gives a tenant an account; its auth token is read from {TokenVariable}.",
            $"{TokenVariable}=... smscrm accounts create {Example} --name main --sid AC00000000000000000000000000000000")
        {
            tenant, by,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<AccountStore>().CreateAsync(
                new TenantId(parsed.GetValue(tenant)), options.Changed(new AccountSettings("", ""), parsed), parsed.GetRequiredValue(by), cancellation),
            AccountJson.Of)));
        return command;
    }

    private static CommandWithExamples Update()
    {
        var (tenant, account, by, options) = (ManagementCommand.Tenant(), Account(), ManagementCommand.By(), new SettingsOptions());
        var command = new CommandWithExamples(
            "update", $"Changes what is given of an account; the token where {TokenVariable} is set.", $"smscrm accounts update {ExampleId} {Example} --weight 0")
        {
            account, tenant, by,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var (accounts, owner) = (services.GetRequiredService<AccountStore>(), new TenantId(parsed.GetValue(tenant)));
            var found = await accounts.GetAsync(owner, parsed.GetValue(account), cancellation) ?? throw new CommandException($"The tenant has no account {parsed.GetValue(account)}.");
            var now = new AccountSettings(found.Name, found.AccountSid)
            {
                BaseAddress = found.BaseAddress,
                SegmentsPerSecond = found.SegmentsPerSecond,
                MaxConcurrency = found.MaxConcurrency,
                Weight = found.Weight,
            };
            return await ManagementCommand.AnswerAsync(
                await accounts.UpdateAsync(owner, found.Id, found.Version, options.Changed(now, parsed), parsed.GetRequiredValue(by), cancellation), AccountJson.Of);
        }));
        return command;
    }

    private static CommandWithExamples Halt()
    {
        var (tenant, account, by) = (ManagementCommand.Tenant(), Account(), ManagementCommand.By());
        var reason = new Option<string>("--reason") { Description = "1 to 500 characters.", Required = true };
        var command = new CommandWithExamples("halt", "Stops an account: its messages wait.", $"smscrm accounts halt {ExampleId} {Example} --reason 'token leaked'")
        {
            account, tenant, reason, by,
        };
        command.SetAction((parsed, cancellation) => SetAsync(parsed, tenant, account, parsed.GetRequiredValue(reason), by, cancellation));
        return command;
    }

    private static CommandWithExamples Resume()
    {
        var (tenant, account, by) = (ManagementCommand.Tenant(), Account(), ManagementCommand.By());
        var command = new CommandWithExamples("resume", "Lets a halted account go on.", $"smscrm accounts resume {ExampleId} {Example}") { account, tenant, by };
        command.SetAction((parsed, cancellation) => SetAsync(parsed, tenant, account, null, by, cancellation));
        return command;
    }

    private static Task<int> SetAsync(
        ParseResult parsed, Option<Guid> tenant, Argument<Guid> account, string? reason, Option<string> by, CancellationToken cancellation) =>
        ManagementCommand.RunAsync(async services => await ManagementCommand.AnswerAsync(
            await services.GetRequiredService<AccountStore>().SetHaltedAsync(
                new TenantId(parsed.GetValue(tenant)), parsed.GetValue(account), reason, parsed.GetRequiredValue(by), cancellation),
            AccountJson.Of));

    private static Argument<Guid> Account() => new("account") { Description = "Its id." };

    private sealed class SettingsOptions
    {
        public Option<string?> Name { get; } = new("--name") { Description = "1 to 200 characters, unique for the tenant." };

        public Option<string?> Sid { get; } = new("--sid") { Description = "AC and 32 hexadecimal digits." };

        private Option<string?> Address { get; } = new("--base-address") { Description = "Where its API is; default https://api.twilio.com." };

        private Option<int?> Rate { get; } = new("--rate") { Description = "Segments a second, 1 to 100,000." };

        private Option<int?> Concurrency { get; } = new("--max-concurrency") { Description = "Most POSTs at once, 1 to 1,000." };

        private Option<int?> Weight { get; } = new("--weight") { Description = "Share of the tenant's traffic, 0 (only when no other can) to 100." };

        private Option<int?> PreviousTokenHours { get; } = new("--previous-token-hours")
        {
            Description = "Where the token changes: how long callbacks signed with the one before stay good, 0 to 168; default 24.",
        };

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { Name, Sid, Address, Rate, Concurrency, Weight, PreviousTokenHours })
            {
                command.Add(option);
            }
        }

        public AccountSettings Changed(AccountSettings now, ParseResult parsed) => now with
        {
            Name = parsed.GetValue(Name) ?? now.Name,
            AccountSid = parsed.GetValue(Sid) ?? now.AccountSid,
            AuthToken = Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token ? token : null,
            BaseAddress = parsed.GetValue(Address) ?? now.BaseAddress,
            SegmentsPerSecond = parsed.GetValue(Rate) ?? now.SegmentsPerSecond,
            MaxConcurrency = parsed.GetValue(Concurrency) ?? now.MaxConcurrency,
            Weight = parsed.GetValue(Weight) ?? now.Weight,
            PreviousTokenHours = parsed.GetValue(PreviousTokenHours) ?? now.PreviousTokenHours,
        };
    }
}
