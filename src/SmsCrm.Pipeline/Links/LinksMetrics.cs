using System.Diagnostics.Metrics;

namespace SmsCrm.Pipeline.Links;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Links</c>.</summary>
public sealed class LinksMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Links";

    private readonly Meter _meter;
    private readonly Counter<long> _redirects;
    private readonly Counter<long> _shelfAway;
    private readonly Counter<long> _hitsWritten;
    private readonly Counter<long> _hitsLost;
    private readonly Counter<long> _hitsTooSoon;

    public LinksMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _redirects = _meter.CreateCounter<long>("smscrm.links.redirects", "{request}", "Links that were asked for, by outcome and by who knew: memory, redis, postgres, none.");
        _shelfAway = _meter.CreateCounter<long>("smscrm.links.redis.away", "{call}", "Calls for which Redis was away or late, by what was wanted.");
        _hitsWritten = _meter.CreateCounter<long>("smscrm.links.hits.written", "{hit}", "Hits that are written.");
        _hitsLost = _meter.CreateCounter<long>("smscrm.links.hits.lost", "{hit}", "Hits that are lost: there was no room, or Postgres refused them.");
        _hitsTooSoon = _meter.CreateCounter<long>("smscrm.links.hits.too_soon", "{hit}", "Hits that were a person's until their text's delivery was heard of.");
    }

    public void Dispose() => _meter.Dispose();

    internal void Redirected(string outcome, string source) => _redirects.Add(1, new("outcome", outcome), new("source", source));

    internal void ShelfAway(string wanted) => _shelfAway.Add(1, new KeyValuePair<string, object?>("wanted", wanted));

    internal void HitsWritten(int hits) => _hitsWritten.Add(hits);

    internal void HitsLost(int hits) => _hitsLost.Add(hits);

    internal void HitsTooSoon(int hits) => _hitsTooSoon.Add(hits);

    internal void ObserveQueue(Func<int> queued) =>
        _meter.CreateObservableGauge("smscrm.links.hits.queued", queued, "{hit}", "Hits that wait to be written.");
}
