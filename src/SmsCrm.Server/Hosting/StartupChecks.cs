using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Server.Commands;
using SmsCrm.Storage.Migrations;

namespace SmsCrm.Server.Hosting;

/// <summary>What has to be so before anything runs: Postgres answers, and its schema is this program's.</summary>
internal static class StartupChecks
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="CommandException">It is not so; the sentence says what to do.</exception>
    public static async Task RunAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var patience = TimeSpan.FromSeconds(services.GetRequiredService<IOptions<ServerOptions>>().Value.StartupWaitSeconds);
        var migrator = services.GetRequiredService<SchemaMigrator>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("SmsCrm.Server");
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                var schema = await migrator.CheckAsync(cancellation);
                if (!schema.Matches)
                {
                    throw new CommandException(schema.Sentence);
                }

                return;
            }
            catch (NpgsqlException away) when (clock.GetElapsedTime(started) < patience)
            {
                Log.WaitingForPostgres(logger, away.Message);
                await Task.Delay(Pause, clock, cancellation);
            }
            catch (NpgsqlException away)
            {
                throw new CommandException($"Postgres does not answer ({away.Message}). Is it started, and is SmsCrm:Storage:Postgres right?");
            }
        }
    }
}
