using Npgsql;
using SmsCrm.Pipeline;
using SmsCrm.Storage.Identity;

namespace SmsCrm.Server.Hosting;

/// <summary>
/// Holds sending while Postgres is not the one that the ledger was written by (a restore, a fail-over): before the first record is read,
/// and from then on.
/// </summary>
internal sealed class LedgerIdentityLoop(LedgerIdentity identity, PipelineHold hold, TimeProvider clock, ILogger<LedgerIdentityLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The sources start after this: nothing is read before the first look.
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(stoppingToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            var check = await identity.CheckAsync(cancellation);
            if (check.Same)
            {
                hold.Release(HoldReason.LedgerForeign);
            }
            else if (hold.Hold(HoldReason.LedgerForeign))
            {
                Log.SendingIsHeld(logger, check.Sentence);
            }
        }
        catch (NpgsqlException)
        {
            // Whoever is away is no other: the pipeline holds for that by itself, and this looks again when it is back.
        }
    }
}
