using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Server.Watch;

/// <summary>
/// The one tail of this process: reads all feeds while anybody subscribes, whatever to, since a position is one in all of them; and hands what
/// happened to its tenant's subscriptions.
/// </summary>
internal sealed class FeedTailLoop(WatchFeeds feeds, WatchMetrics metrics, TimeProvider clock, ILogger<FeedTailLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, List<WatchSubscription>> _subscriptions = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private FeedPosition? _position;

    /// <summary>
    /// From the returned position on the subscription is offered everything; it may lie before or after
    /// <paramref name="reached"/>, where the subscriber stands.
    /// </summary>
    public FeedPosition Join(WatchSubscription subscription, FeedPosition reached)
    {
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(subscription.Tenant, out var ofTenant))
            {
                _subscriptions[subscription.Tenant] = ofTenant = [];
            }

            ofTenant.Add(subscription);

            // A tail that stood still begins where its first subscriber is.
            _position ??= reached;
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }

            return _position.Value;
        }
    }

    public void Leave(WatchSubscription subscription)
    {
        lock (_lock)
        {
            RemoveNeedsLock(subscription);
        }
    }

    /// <summary>How many subscribe: all together, and of one tenant.</summary>
    public (int All, int OfTenant) Count(TenantId tenant)
    {
        lock (_lock)
        {
            return (_subscriptions.Values.Sum(s => s.Count), _subscriptions.TryGetValue(tenant, out var ofTenant) ? ofTenant.Count : 0);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            FeedPosition? position;
            lock (_lock)
            {
                position = _position;
            }

            if (position is null)
            {
                await _wake.WaitAsync(stoppingToken);
                continue;
            }

            try
            {
                var more = HandOut(await feeds.All.ReadAfterAsync(position.Value, Feed.MostAtOnce, stoppingToken));
                if (!more)
                {
                    await Task.Delay(Pause, clock, stoppingToken);
                }
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException)
            {
                Log.TailFailed(logger, away);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken);
            }
        }
    }

    /// <returns>Whether there is more to read at once.</returns>
    private bool HandOut(FeedRead read)
    {
        lock (_lock)
        {
            switch (read)
            {
                case FeedRead.Batch batch:
                    if (batch.Gap is { } gap)
                    {
                        EndNeedsLock(WatchKinds.Clicked, gap);
                    }

                    foreach (var item in batch.Items)
                    {
                        OfferNeedsLock(item);
                    }

                    metrics.TailRead(batch.Items);
                    GoOnNeedsLock(batch.Position);
                    return batch.More;
                case FeedRead.OutOfRange gone:
                    EndNeedsLock(WatchKinds.All, gone.Sentence);
                    GoOnNeedsLock(null);
                    return false;
                default:
                    throw new InvalidOperationException($"No answer for {read.GetType().Name}");
            }
        }
    }

    /// <summary>Where nobody subscribes any more the tail stands still.</summary>
    private void GoOnNeedsLock(FeedPosition? position)
    {
        _position = _subscriptions.Count == 0 ? null : position;
        if (_position is null)
        {
            metrics.TailRests();
        }
    }

    private void OfferNeedsLock(FeedItem item)
    {
        if (!_subscriptions.TryGetValue(item.Tenant, out var ofTenant))
        {
            return;
        }

        foreach (var subscription in ofTenant.ToArray())
        {
            if (!subscription.Offer(item))
            {
                metrics.Slow.Add(1);
                RemoveNeedsLock(subscription);
            }
        }
    }

    /// <summary>Whoever asked for one of these kinds can't go on from here.</summary>
    private void EndNeedsLock(WatchKinds kinds, string why)
    {
        foreach (var subscription in _subscriptions.Values.SelectMany(s => s).Where(s => (s.Kinds & kinds) != 0).ToList())
        {
            subscription.End(WatchEnd.OutOfRange, why);
            RemoveNeedsLock(subscription);
        }
    }

    private void RemoveNeedsLock(WatchSubscription subscription)
    {
        if (_subscriptions.TryGetValue(subscription.Tenant, out var ofTenant) && ofTenant.Remove(subscription) && ofTenant.Count == 0)
        {
            _subscriptions.Remove(subscription.Tenant);
        }
    }
}
