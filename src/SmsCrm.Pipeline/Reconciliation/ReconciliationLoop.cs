using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>Visits the claims, in the one process that holds the lease. Two reconcilers at once would do no harm, only the work twice.</summary>
internal sealed class ReconciliationLoop(
    UnfinishedClaims unfinished,
    EvidenceVisits evidence,
    UnheardMessages unheard,
    Leases leases,
    ReconciliationOptions options,
    TimeProvider clock,
    ILogger<ReconciliationLoop> logger) : RoundLoop(TimeSpan.FromMilliseconds(options.RoundMs), clock)
{
    private const string LeaseName = "reconciliation";
    private readonly Guid _holder = Guid.CreateVersion7();

    protected override async Task RoundAsync(CancellationToken cancellation)
    {
        if (!await leases.TakeAsync(LeaseName, _holder, TimeSpan.FromSeconds(options.LeaseSeconds), cancellation).ConfigureAwait(false))
        {
            return;
        }

        await unfinished.VisitUnfinishedAsync(cancellation).ConfigureAwait(false);
        await unfinished.VisitUnresolvedAsync(Clock.GetUtcNow(), cancellation).ConfigureAwait(false);
        await evidence.VisitAsync(cancellation).ConfigureAwait(false);
        await unheard.VisitAsync(cancellation).ConfigureAwait(false);
    }

    protected override void RoundFailed(Exception e) => Log.RoundFailed(logger, e);
}
