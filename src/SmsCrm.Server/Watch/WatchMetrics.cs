using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Server.Watch;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Watch</c>.</summary>
internal sealed class WatchMetrics
{
    private readonly Counter<long> _read;
    private double _lagSeconds;
    private int _watching;

    public WatchMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SmsCrm.Watch");
        _read = meter.CreateCounter<long>("smscrm.watch.events.read", "{event}", "Events that the tail read, of all tenants.");
        Sent = meter.CreateCounter<long>("smscrm.watch.events.sent", "{event}", "Events written to subscribers.");
        Slow = meter.CreateCounter<long>("smscrm.watch.slow", "{subscription}", "Subscriptions ended because they read too slowly.");
        meter.CreateObservableGauge("smscrm.watch.subscriptions", () => Volatile.Read(ref _watching), "{subscription}", "Watch calls under way.");
        meter.CreateObservableGauge("smscrm.watch.lag", () => Volatile.Read(ref _lagSeconds), "s", "From the last event to its reading by the tail.");
    }

    public Counter<long> Sent { get; }

    public Counter<long> Slow { get; }

    public void Began() => Interlocked.Increment(ref _watching);

    public void Ended() => Interlocked.Decrement(ref _watching);

    public void HandedOut(IReadOnlyList<FeedItem> items, DateTimeOffset now)
    {
        _read.Add(items.Count);
        Volatile.Write(ref _lagSeconds, items.Count == 0 ? 0 : Math.Max(0, (now - items[^1].At).TotalSeconds));
    }
}
