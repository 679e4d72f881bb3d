using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using SmsCrm.Server.Commands;
using SmsCrm.Server.Telemetry;

namespace SmsCrm.Server.Hosting;

/// <summary>
/// The services of a command that is not the server: the same settings, the same checks, logs on stderr from warnings on. What the log settings of
/// the environment say wins, such as <c>Logging__LogLevel__Default=Information</c>.
/// </summary>
internal static class CommandHost
{
    /// <exception cref="CommandException">The settings have errors; they are on stderr.</exception>
    public static async Task<IHost> BuildAsync(Action<IServiceCollection, IConfiguration> addRooms)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddLogs("text");
        LogFromWarningsOn(builder.Configuration);
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(TimeProvider.System);
        addRooms(builder.Services, builder.Configuration);
        if (SettingsCheck.Errors(builder.Services) is { Count: > 0 } errors)
        {
            await ReportMisuseAsync(errors);
            throw new CommandException($"{errors.Count} settings are wrong; nothing was done.", ExitCodes.Misuse);
        }

        return builder.Build();
    }

    /// <summary>Right above what the server is shipped with, and below all that somebody sets.</summary>
    private static void LogFromWarningsOn(ConfigurationManager configuration)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var shipped = sources.ToList().FindIndex(static source => source is JsonConfigurationSource { Path: "appsettings.json" });
        sources.Insert(shipped + 1, new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Default", nameof(LogLevel.Warning))] });
    }

    public static async Task<int> ReportMisuseAsync(IReadOnlyList<string> errors)
    {
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync(error);
        }

        return ExitCodes.Misuse;
    }
}
