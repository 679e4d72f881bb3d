using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>Visits the claims, in the one process that holds the lease. Two reconcilers at once would do no harm, only the work twice.</summary>
internal sealed class ReconciliationLoop(
    UnfinishedClaims unfinished,
    EvidenceVisits evidence,
    UnheardMessages unheard,
    Leases leases,
    ReconciliationOptions options,
    TimeProvider clock,
    ILogger<ReconciliationLoop> logger) : BackgroundService
{
    private const string LeaseName = "reconciliation";
    private readonly Guid _holder = Guid.CreateVersion7();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.RoundMs), clock);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                if (await leases.TakeAsync(LeaseName, _holder, TimeSpan.FromSeconds(options.LeaseSeconds), stoppingToken).ConfigureAwait(false))
                {
                    await RoundAsync(stoppingToken).ConfigureAwait(false);
                }

                failing = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Once for each outage: it may last.
                if (!failing)
                {
                    Log.RoundFailed(logger, e);
                }

                failing = true;
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellation)
    {
        await unfinished.VisitUnfinishedAsync(cancellation).ConfigureAwait(false);
        await unfinished.VisitUnresolvedAsync(clock.GetUtcNow(), cancellation).ConfigureAwait(false);
        await evidence.VisitAsync(cancellation).ConfigureAwait(false);
        await unheard.VisitAsync(cancellation).ConfigureAwait(false);
    }
}
