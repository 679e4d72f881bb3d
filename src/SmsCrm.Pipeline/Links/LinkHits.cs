using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Links;

/// <summary>A link was followed.</summary>
/// <param name="Id">UUIDv7, drawn at the redirect.</param>
internal sealed record LinkHit(Guid Id, ShortLink Link, DateTimeOffset At, HitFlags Flags)
{
    /// <summary>The client's, until it is judged (<see cref="LinkOrigins"/>); never written.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Of the address, ISO 3166-1 alpha-2; empty: not known. Compared with the recipient's where the hit is written, and not written itself.</summary>
    public string Country { get; init; } = "";
}

/// <summary>
/// Hits on their way to Postgres, bounded: a redirect never waits for them. What finds no room is lost, and counted.
/// </summary>
internal sealed class LinkHits
{
    private readonly Channel<LinkHit> _queue;
    private readonly LinksMetrics _metrics;
    private readonly TimeProvider _clock;

    public LinkHits(IOptions<LinksOptions> options, LinksMetrics metrics, TimeProvider clock)
    {
        _queue = Channel.CreateBounded<LinkHit>(new BoundedChannelOptions(options.Value.QueuedHits) { SingleReader = true });
        _metrics = metrics;
        _clock = clock;
        metrics.ObserveQueue(() => _queue.Reader.Count);
    }

    public ChannelReader<LinkHit> Queue => _queue.Reader;

    public void Add(ShortLink link, HitFlags flags, IPAddress? address = null)
    {
        var now = _clock.GetUtcNow();
        if (!_queue.Writer.TryWrite(new LinkHit(Guid.CreateVersion7(now), link, now, flags) { Address = address }))
        {
            _metrics.HitsLost(1);
        }
    }
}
