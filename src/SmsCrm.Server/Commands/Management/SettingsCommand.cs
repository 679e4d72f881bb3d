using System.CommandLine;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.Server.Commands.Management;

/// <summary><c>smscrm settings</c>: a tenant's gate settings as a JSON document (docs/gates.md).</summary>
internal static class SettingsCommand
{
    private const string Example = "--tenant 019aa000-0000-7000-8000-000000000001";

    public static Command Create() => new("settings", "A tenant's gate settings: windows, caps, consent, countries, order and on/off.") { Show(), Set() };

    private static CommandWithExamples Show()
    {
        var tenant = ManagementCommand.Tenant();
        var command = new CommandWithExamples("show", "Prints the settings as JSON, to be changed and set.", $"smscrm settings show {Example}") { tenant };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var rules = await services.GetRequiredService<GateSettingsStore>().ReadAsync(new TenantId(parsed.GetValue(tenant)), cancellation);
            await Console.Out.WriteLineAsync(TenantRulesJson.Write(rules));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static CommandWithExamples Set()
    {
        var (tenant, by) = (ManagementCommand.Tenant(), ManagementCommand.By());
        var file = new Option<FileInfo>("--file") { Description = "The JSON document.", Required = true, HelpName = "path" };
        var command = new CommandWithExamples("set", "Replaces the settings by a JSON document.", $"smscrm settings set {Example} --file gates.json") { tenant, file, by };
        command.SetAction((parsed, cancellation) => ManagementCommand.RunAsync(async services =>
        {
            var (store, owner) = (services.GetRequiredService<GateSettingsStore>(), new TenantId(parsed.GetValue(tenant)));
            var version = (await store.ReadAsync(owner, cancellation)).Version;
            var text = await ReadAsync(parsed.GetRequiredValue(file), cancellation);
            if (JsonShape.Errors(text, TenantRulesJson.Shape) is { Count: > 0 } errors)
            {
                throw new CommandException(string.Join(' ', errors.Select(ManagementJson.Sentence)), ExitCodes.Misuse);
            }

            var rules = TenantRulesJson.Read(text, version);
            return await ManagementCommand.AnswerAsync(
                await store.WriteAsync(owner, rules, version, parsed.GetRequiredValue(by), cancellation), static done => new { done.Version });
        }));
        return command;
    }

    private static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(file.FullName, cancellation);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--file is '{file}', which cannot be read: {wrong.Message}", ExitCodes.Misuse);
        }
    }
}
