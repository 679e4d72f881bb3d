using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace SmsCrm.Pipeline;

/// <summary>Asks what the pipeline holds for until it answers, then lets the pipeline go on.</summary>
internal sealed class PipelineHoldLoop(
    PipelineHold hold, NpgsqlDataSource database, IConnectionMultiplexer redis, TimeProvider time, ILogger<PipelineHoldLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            foreach (var reason in hold.Reasons)
            {
                if (await IsOverAsync(reason, stoppingToken).ConfigureAwait(false) && hold.Release(reason))
                {
                    Log.HoldOver(logger, reason);
                }
            }
        }
    }

    private async Task<bool> IsOverAsync(HoldReason reason, CancellationToken cancellation)
    {
        try
        {
            switch (reason)
            {
                case HoldReason.RedisAway:
                    await redis.GetDatabase().PingAsync().WaitAsync(Deadline, time, cancellation).ConfigureAwait(false);
                    return true;
                case HoldReason.PostgresAway:
                    await using (var ask = database.CreateCommand("SELECT 1"))
                    {
                        await ask.ExecuteScalarAsync(cancellation).WaitAsync(Deadline, time, cancellation).ConfigureAwait(false);
                    }

                    return true;
                case HoldReason.LedgerForeign:
                    return false;
                default:
                    return true;
            }
        }
        catch (Exception e) when (e is RedisException or NpgsqlException or TimeoutException)
        {
            return false;
        }
    }
}
