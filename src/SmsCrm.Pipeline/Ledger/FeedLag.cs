using System.Diagnostics.Metrics;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// How far one reader of the feeds is behind, as a gauge of its own: from the last item that its last read brought to that read, or for how long an
/// open transaction has held all feeds back (<see cref="FeedHold"/>), whichever is more. 0 while it has nothing to read for.
/// </summary>
public sealed class FeedLag
{
    private readonly FeedHold _hold;
    private readonly TimeProvider _clock;
    private double _itemSeconds;
    private volatile bool _reads;

    /// <param name="name">Of the gauge.</param>
    public FeedLag(Meter meter, string name, FeedHold hold, TimeProvider clock)
    {
        (_hold, _clock) = (hold, clock);
        meter.CreateObservableGauge(name, () => Seconds, "s", "How far behind the feeds are read: by the last item, or by the open transaction that holds them back");
    }

    internal double Seconds => _reads ? Math.Max(Volatile.Read(ref _itemSeconds), _hold.Age.TotalSeconds) : 0;

    /// <summary>It has read; empty: there was nothing, as far as the feeds go.</summary>
    public void HasRead(IReadOnlyList<FeedItem> items)
    {
        Volatile.Write(ref _itemSeconds, items.Count == 0 ? 0 : Math.Max(0, (_clock.GetUtcNow() - items[^1].At).TotalSeconds));
        _reads = true;
    }

    /// <summary>It does not read: there is nobody to tell, or another process does.</summary>
    public void Rests() => _reads = false;
}
