using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SmsCrm.Server.Commands;
using SmsCrm.Server.Documentation;
using SmsCrm.Server.Health;
using SmsCrm.Server.Problems;
using SmsCrm.Server.Roles;
using SmsCrm.Server.Telemetry;
using SmsCrm.Storage;

namespace SmsCrm.Server.Hosting;

/// <summary>Puts the rooms of the chosen roles together, runs them, and drains them at the end.</summary>
internal static class ServerHost
{
    public static async Task<int> RunAsync(ServerRoles roles, CancellationToken cancellation)
    {
        var builder = Compose(roles);
        if (SettingsCheck.Errors(builder.Services) is { Count: > 0 } errors)
        {
            return await CommandHost.ReportMisuseAsync(errors);
        }

        await using var app = Build(builder, roles);
        await StartupChecks.RunAsync(app.Services, cancellation);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException busy)
        {
            throw new CommandException($"{busy.Message} Free the port, or choose others by SmsCrm:Server:HttpPort, GrpcPort and MetricsPort.");
        }

        var options = app.Services.GetRequiredService<IOptions<ServerOptions>>().Value;
        Log.Serving(app.Logger, string.Join(',', RoleNames.Of(roles)), options.BindAddress, options.HttpPort, options.GrpcPort, options.MetricsPort);
        await app.WaitForShutdownAsync(cancellation);

        // A loop that dies of a bug stops the host; whoever restarts processes has to see that it was no ordinary stop.
        return app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(loop => loop.ExecuteTask is { IsFaulted: true })
            ? ExitCodes.Failed
            : ExitCodes.Ok;
    }

    /// <param name="settings">Win over the environment's; for tests.</param>
    internal static WebApplicationBuilder Compose(ServerRoles roles, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Logging.AddLogs(builder.Configuration[$"{ServerOptions.Section}:{nameof(ServerOptions.LogFormat)}"]);
        builder.Services.AddServer(roles);
        builder.Services.AddTelemetry();
        builder.Services.AddHealth(roles);
        builder.Services.AddProblems();
        builder.Services.AddApiDocument();
        builder.Services.AddRoles(roles, builder.Configuration);
        return builder;
    }

    internal static WebApplication Build(WebApplicationBuilder builder, ServerRoles roles)
    {
        var app = builder.Build();
        app.UseProblems();
        app.UseMetricsPage();
        app.UseRouting();
        app.UseMiddleware<PortGuard>();
        app.UseMiddleware<EncodedSlashes>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapRoles(roles);
        if ((roles & (ServerRoles.Ingest | ServerRoles.Crm)) != 0)
        {
            app.MapApiDocument();
        }

        return app;
    }

    private static void AddServer(this IServiceCollection services, ServerRoles roles)
    {
        services.AddSingleton(new ServedRoles(roles));
        services.AddSingleton(TimeProvider.System);
        services.AddRestJson();

        // Its catch-all for unknown services matches every path: a wrong method of the REST API would be 404 instead of 405.
        services.Configure<GrpcServiceOptions>(static grpc => grpc.IgnoreUnknownServices = true);
        services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section);
        services.AddSingleton<IValidateOptions<ServerOptions>, ServerOptionsValidator>();
        services.AddSingleton<IValidateOptions<StorageOptions>, RetentionValidation>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Listeners>();
        services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>>(
            (host, server) => host.ShutdownTimeout = TimeSpan.FromSeconds(server.Value.DrainSeconds));
    }
}

/// <summary>The roles that this process serves.</summary>
internal sealed record ServedRoles(ServerRoles Roles);
