using Google.Protobuf;
using Microsoft.Extensions.Logging;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using Purpose = SmsCrm.Pipeline.Messages.Purpose;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>
/// Gives out what is due: transactional lanes first, first in first out within a lane, one message of each lane in turn, and no
/// faster than sender, tenant and account may send. It only reads; what becomes of a message is the pipeline's to write.
/// </summary>
internal sealed class Releaser(
    WaitingReads reads,
    ProviderDirectory directory,
    ReleasedMessages released,
    GivenOut givenOut,
    WaitingOptions options,
    WaitingMetrics metrics,
    TimeProvider clock,
    ILogger<Releaser> logger)
{
    private readonly ReleaseBudgets _budgets = new();
    private int _turn;

    /// <summary>One round over the lanes of a purpose.</summary>
    public async Task ReleaseAsync(Purpose purpose, IReadOnlyList<DueLane> lanes, CancellationToken cancellation)
    {
        var open = Open(lanes);
        if (open.Count == 0)
        {
            return;
        }

        var rows = await reads.DueAsync(purpose, open.ConvertAll(lane => (lane.Key, lane.Most)), cancellation).ConfigureAwait(false);
        foreach (var (lane, row) in rows)
        {
            if (!givenOut.Has(row.Id))
            {
                open[lane].Rows.Enqueue(row);
            }
        }

        await GiveInTurnAsync(open, cancellation).ConfigureAwait(false);
    }

    /// <summary>Gives out a row outside of any lane.</summary>
    public async ValueTask<bool> GiveAsync(DueRow row, LaneKey lane, CancellationToken cancellation)
    {
        if (!givenOut.TryAdd(row.Id, lane))
        {
            return false;
        }

        if (Read(row) is not { } message)
        {
            // It stays given out: what can't be read now can't be read in the next round either.
            return false;
        }

        await released.AddAsync(message, cancellation).ConfigureAwait(false);
        metrics.Released(row.Reason);
        return true;
    }

    /// <summary>The lanes that may be given from now, with how many rows to look at: those given out still stand in front.</summary>
    private List<OpenLane> Open(IReadOnlyList<DueLane> lanes)
    {
        var settings = directory.Current;
        var now = clock.GetElapsedTime(0).TotalSeconds;
        var room = Math.Max(0, Math.Min(options.ReadAtOnce, options.GivenOut - givenOut.Count));
        var wanting = new List<(LaneKey Lane, Guid[] Budgets, int Rows)>();
        for (var i = 0; i < lanes.Count && wanting.Count < room; i++)
        {
            var lane = lanes[(i + _turn) % lanes.Count].Key;
            if (BudgetsOf(lane, settings, now) is { } budgets && _budgets.Left(budgets) is > 0 and var left)
            {
                wanting.Add((lane, budgets, (int)Math.Ceiling(left)));
            }
        }

        _turn++;
        var shares = ReleaseShares.Of(wanting.ConvertAll(static lane => lane.Rows), room);
        return [.. wanting.Select((lane, i) => new OpenLane(lane.Lane, lane.Budgets, shares[i] + givenOut.Of(lane.Lane)))];
    }

    /// <summary>
    /// The budgets that a lane draws on, refilled; null where its tenant or campaign is paused or its account halted: skipped whole, since what would be
    /// given out only came back.
    /// </summary>
    private Guid[]? BudgetsOf(in LaneKey lane, ProviderSnapshot settings, double now)
    {
        if (settings.Tenant(lane.Tenant) is not { } tenant)
        {
            // Gone: the gates say so, at whatever pace.
            _budgets.Refill(lane.Tenant.Value, 100, now);
            return [lane.Tenant.Value];
        }

        if (tenant.State == TenantState.Paused || settings.Rules.IsPaused(lane.Tenant, lane.CampaignId))
        {
            return null;
        }

        _budgets.Refill(tenant.Id.Value, tenant.SegmentsPerSecond, now);
        if (settings.Sender(lane.SenderId) is not { } sender || settings.Account(sender.AccountId) is not { } account)
        {
            return [tenant.Id.Value];
        }

        if (account.IsHalted)
        {
            return null;
        }

        _budgets.Refill(sender.Id, sender.SegmentsPerSecond, now);
        _budgets.Refill(account.Account.Id, account.Account.SegmentsPerSecond, now);
        return [tenant.Id.Value, sender.Id, account.Account.Id];
    }

    private async Task GiveInTurnAsync(List<OpenLane> lanes, CancellationToken cancellation)
    {
        var gave = true;
        while (gave)
        {
            gave = false;
            foreach (var lane in lanes)
            {
                if (_budgets.Left(lane.Budgets) > 0 && lane.Rows.TryDequeue(out var row) && await GiveAsync(row, lane.Key, cancellation).ConfigureAwait(false))
                {
                    _budgets.Spend(lane.Budgets, row.Segments);
                    gave = true;
                }
            }
        }
    }

    private WaitingMessage? Read(DueRow row)
    {
        try
        {
            var request = RequestRecord.Parser.ParseFrom(row.Request);
            var inLane = row.Reason is Reason.Pacing or Reason.Busy;
            return new WaitingMessage(
                AcceptedMessage.From(request, row.Request!), request, row.Version, inLane ? row.DueAt : null, () => givenOut.Settled(row.Id));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException or ArgumentNullException)
        {
            metrics.Unreadable();
            Log.Unreadable(logger, e, row.Id);
            return null;
        }
    }

    private sealed record OpenLane(LaneKey Key, Guid[] Budgets, int Most)
    {
        public Queue<DueRow> Rows { get; } = new();
    }
}
