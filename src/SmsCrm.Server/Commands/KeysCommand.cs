using System.CommandLine;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;

namespace SmsCrm.Server.Commands;

/// <summary><c>smscrm keys</c>: makes, lists and revokes API keys of tenants and operators.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "API keys: a tenant's opens its own data, an operator's the operation of the product.")
    {
        CreateKey(),
        ListKeys(),
        RevokeKey(),
    };

    private static CommandWithExamples CreateKey()
    {
        var tenant = Tenant();
        var isOperator = new Option<bool>("--operator") { Description = "An operator's key instead of a tenant's." };
        var name = new Option<string>("--name") { Description = "What it is for, 1 to 200 characters.", Required = true, HelpName = "name" };
        var command = new CommandWithExamples(
            "create",
            "Makes a key and prints it, this once.",
            "smscrm keys create --tenant 019aa000-0000-7000-8000-000000000001 --name 'shop backend'",
            "smscrm keys create --operator --name 'on call'")
        {
            tenant,
            isOperator,
            name,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(tenant) is null == result.GetResult(isOperator) is null or { Implicit: true })
            {
                result.AddError("give either --tenant or --operator");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var host = await BuildAsync();
            var outcome = await host.Services.GetRequiredService<ApiKeys>()
                .CreateAsync(parsed.GetValue(tenant) is { } id ? new TenantId(id) : null, parsed.GetRequiredValue(name), cancellation);
            switch (outcome)
            {
                case CreateKeyOutcome.Created created:
                    await Console.Out.WriteLineAsync(created.Key);
                    await Console.Error.WriteLineAsync($"Key {created.Id} is shown this once; only its hash is stored.");
                    return ExitCodes.Ok;
                case CreateKeyOutcome.NoSuchTenant none:
                    throw new CommandException($"There is no tenant {none.Tenant}.");
                case CreateKeyOutcome.BadName bad:
                    throw new CommandException(bad.Sentence, ExitCodes.Misuse);
                default:
                    throw new InvalidOperationException($"No answer for {outcome.GetType().Name}");
            }
        });
        return command;
    }

    private static CommandWithExamples ListKeys()
    {
        var tenant = Tenant();
        var command = new CommandWithExamples("list", "Lists the newest 1,000 keys, of one tenant or of all.", "smscrm keys list")
        {
            tenant,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var host = await BuildAsync();
            var keys = await host.Services.GetRequiredService<ApiKeys>()
                .ListAsync(parsed.GetValue(tenant) is { } id ? new TenantId(id) : null, cancellation);
            foreach (var key in keys)
            {
                var owner = key.Tenant is null ? "operator" : key.TenantName;
                var state = key.RevokedAt is { } at ? $"revoked {at:yyyy-MM-dd HH:mm:ss}Z" : "good";
                await Console.Out.WriteLineAsync($"{key.Id}  {key.Prefix,-16}  {owner,-24}  {key.Name,-24}  {key.CreatedAt:yyyy-MM-dd HH:mm:ss}Z  {state}");
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static CommandWithExamples RevokeKey()
    {
        var key = new Argument<string>("key") { Description = "The key's id, or its prefix as the list shows it." };
        var command = new CommandWithExamples(
            "revoke", "Revokes a key; every node refuses it within two seconds.", "smscrm keys revoke 019aa000-0000-7000-8000-000000000002")
        {
            key,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var host = await BuildAsync();
            var outcome = await host.Services.GetRequiredService<ApiKeys>().RevokeAsync(parsed.GetRequiredValue(key), cancellation);
            await Console.Out.WriteLineAsync(outcome switch
            {
                RevokeKeyOutcome.Revoked => "Revoked: every node refuses it within two seconds.",
                RevokeKeyOutcome.AlreadyRevoked => "It was revoked before.",
                RevokeKeyOutcome.NoSuchKey => throw new CommandException($"There is no key '{parsed.GetValue(key)}'."),
            });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Option<Guid?> Tenant() => new("--tenant") { Description = "The tenant's id.", HelpName = "id" };

    private static Task<IHost> BuildAsync() => CommandHost.BuildAsync((services, configuration) =>
    {
        services.AddStorage(configuration);
        services.AddAccess();
    });
}
