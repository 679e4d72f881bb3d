using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Compares accounts and senders with the database every <see cref="ProviderOptions.SettingsCheckMs"/>. With Postgres away what is known stays in use.</summary>
internal sealed class ProviderDirectoryLoop(
    ProviderDirectory directory, IOptions<ProviderOptions> options, TimeProvider time, ILogger<ProviderDirectoryLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.SettingsCheckMs), time);
        var failing = false;
        do
        {
            try
            {
                await directory.RefreshAsync(stoppingToken).ConfigureAwait(false);
                failing = false;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                // Once for each outage: it may last.
                if (!failing)
                {
                    Log.SettingsNotLoaded(logger, directory.Current.Version, e);
                }

                failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
