using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Server.Watch;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Watch</c>.</summary>
internal sealed class WatchMetrics
{
    private readonly Counter<long> _read;
    private readonly FeedLag _lag;
    private int _watching;

    public WatchMetrics(IMeterFactory meters, FeedHold hold, TimeProvider clock)
    {
        var meter = meters.Create("SmsCrm.Watch");
        _read = meter.CreateCounter<long>("smscrm.watch.events.read", "{event}", "Events that the tail read, of all tenants.");
        Sent = meter.CreateCounter<long>("smscrm.watch.events.sent", "{event}", "Events written to subscribers.");
        Slow = meter.CreateCounter<long>("smscrm.watch.slow", "{subscription}", "Subscriptions ended because they read too slowly.");
        meter.CreateObservableGauge("smscrm.watch.subscriptions", () => Volatile.Read(ref _watching), "{subscription}", "Watch calls under way.");
        _lag = new FeedLag(meter, "smscrm.watch.lag", hold, clock);
    }

    public Counter<long> Sent { get; }

    public Counter<long> Slow { get; }

    public void Began() => Interlocked.Increment(ref _watching);

    public void Ended() => Interlocked.Decrement(ref _watching);

    public void TailRead(IReadOnlyList<FeedItem> items)
    {
        _read.Add(items.Count);
        _lag.HasRead(items);
    }

    /// <summary>Nobody watches.</summary>
    public void TailRests() => _lag.Rests();
}
