using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>
/// Looks over the lanes, for every process' view of the backlogs; and in the process that holds the lease gives out what is due.
/// </summary>
internal sealed class WaitingLoop(
    WaitingReads reads,
    Releaser releaser,
    QueuedFeed queued,
    Leases leases,
    LaneBacklogs backlogs,
    GivenOut givenOut,
    WaitingOptions options,
    TimeProvider clock,
    ILogger<WaitingLoop> logger) : RoundLoop(TimeSpan.FromMilliseconds(options.ReleaseMs), clock)
{
    private const string LeaseName = "waiting";
    private static readonly Purpose[] InOrder = [Purpose.Transactional, Purpose.Marketing];

    /// <summary>What waits for longer than this in a lane is a backlog, not just a round's delay.</summary>
    private static readonly TimeSpan BacklogAge = TimeSpan.FromSeconds(1);

    private readonly Guid _holder = Guid.CreateVersion7();
    private readonly Dictionary<Purpose, List<DueLane>> _lanes = [];
    private long _scannedAt = long.MinValue;
    private long _leaseAskedAt;
    private bool _holdsLease;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (_holdsLease)
        {
            try
            {
                await leases.ReturnAsync(LeaseName, _holder, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
            {
                Log.LeaseNotReturned(logger, e);
            }
        }
    }

    protected override async Task RoundAsync(CancellationToken cancellation)
    {
        var isScan = Clock.GetElapsedTime(_scannedAt).TotalMilliseconds >= options.ScanMs || _scannedAt == long.MinValue;
        if (isScan)
        {
            await ScanAsync(cancellation).ConfigureAwait(false);
        }

        if (!await HoldsLeaseAsync(cancellation).ConfigureAwait(false))
        {
            return;
        }

        foreach (var purpose in InOrder)
        {
            await releaser.ReleaseAsync(purpose, _lanes[purpose], cancellation).ConfigureAwait(false);
        }

        if (isScan)
        {
            await queued.FeedAsync(cancellation).ConfigureAwait(false);
        }
    }

    protected override void RoundFailed(Exception e) => Log.RoundFailed(logger, e);

    private async Task ScanAsync(CancellationToken cancellation)
    {
        var behind = new List<LaneKey>();
        foreach (var purpose in InOrder)
        {
            var (lanes, now) = await reads.LanesAsync(purpose, cancellation).ConfigureAwait(false);
            _lanes[purpose] = lanes;
            behind.AddRange(lanes.Where(lane => lane.Reason is Reason.Pacing or Reason.Busy && now - lane.DueAt > BacklogAge).Select(lane => lane.Key));
        }

        backlogs.Seen(behind);
        _scannedAt = Clock.GetTimestamp();
    }

    /// <summary>Held for as long as it was granted, counted from before it was asked for; prolonged when a third of that is over.</summary>
    private async ValueTask<bool> HoldsLeaseAsync(CancellationToken cancellation)
    {
        var age = Clock.GetElapsedTime(_leaseAskedAt).TotalSeconds;
        if (_leaseAskedAt != 0 && age < (_holdsLease ? options.LeaseSeconds / 3.0 : 1))
        {
            return _holdsLease;
        }

        var askedAt = Clock.GetTimestamp();
        var held = await leases.TakeAsync(LeaseName, _holder, TimeSpan.FromSeconds(options.LeaseSeconds), cancellation).ConfigureAwait(false);
        if (held && !_holdsLease)
        {
            Log.LeaseTaken(logger, givenOut.Count);
        }

        _leaseAskedAt = askedAt;
        _holdsLease = held;
        return held;
    }
}
