using System.CommandLine;
using System.Text.Json;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;
using SmsCrm.Server.Hosting;
using SmsCrm.Storage;

namespace SmsCrm.Server.Commands.Management;

/// <summary>What the commands that manage settings have in common: whom they are about, who is on record, and how they answer.</summary>
internal static class ManagementCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Option<Guid> Tenant() => new("--tenant") { Description = "The tenant's id.", Required = true, HelpName = "id" };

    public static Option<Guid?> TenantOrEverybody() => new("--tenant") { Description = "Only this tenant's; default everybody's.", HelpName = "id" };

    public static Option<string> By() => new("--by")
    {
        Description = "Who is on record for it, 1 to 200 characters; default the user of this shell.",
        DefaultValueFactory = _ => Environment.UserName,
        HelpName = "name",
    };

    /// <summary>Runs a command on the stores.</summary>
    public static async Task<int> RunAsync(Func<IServiceProvider, Task<int>> run)
    {
        using var host = await CommandHost.BuildAsync((services, configuration) =>
        {
            services.AddStorage(configuration);
            services.AddTenants();
            services.AddSuppression();
        });
        return await run(host.Services);
    }

    /// <summary>Prints JSON, as the REST API has it.</summary>
    public static async Task<int> ShowAsync<T>(T value)
    {
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(value, Json));
        return ExitCodes.Ok;
    }

    /// <exception cref="CommandException">Refused, not there, or changed meanwhile.</exception>
    public static Task<int> AnswerAsync<T, TJson>(SettingsOutcome<T> outcome, Func<T, TJson> show) => outcome switch
    {
        SettingsOutcome<T>.Done done => ShowAsync(show(done.Value)),
        SettingsOutcome<T>.Refused refused => throw new CommandException(string.Join(' ', refused.Errors), ExitCodes.Misuse),
        SettingsOutcome<T>.NotFound => throw new CommandException("There is nothing of that id."),
        SettingsOutcome<T>.Stale stale => throw new CommandException(FormattableString.Invariant($"It was changed meanwhile and has version {stale.CurrentVersion} now.")),
        _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}"),
    };

    /// <exception cref="CommandException">It is none.</exception>
    public static PhoneNumber Number(string text) => PhoneNumber.TryParseE164(text, out var number)
        ? number
        : throw new CommandException($"number is '{text}': use E.164, such as +14155550123.", ExitCodes.Misuse);
}
