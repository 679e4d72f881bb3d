using System.Threading.Channels;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Server.Watch;

/// <summary>Why the tail ended a subscription.</summary>
internal enum WatchEnd
{
    /// <summary>It read slower than its tenant's events came, and its buffer is full.</summary>
    TooSlow,

    /// <summary>The feed cannot go on from where it was (another Postgres).</summary>
    OutOfRange,
}

/// <summary>The tail ended a subscription.</summary>
internal sealed class WatchEndedException(WatchEnd end, string message) : Exception(message)
{
    public WatchEnd End { get; } = end;
}

/// <summary>One tenant's reader of the tail, with a bounded buffer of its own: a slow one holds up nobody.</summary>
/// <param name="kinds">What it is offered.</param>
/// <param name="bufferSize">Events that wait for the reader at most.</param>
internal sealed class WatchSubscription(TenantId tenant, WatchKinds kinds, int bufferSize)
{
    private readonly Channel<FeedItem> _buffer = Channel.CreateBounded<FeedItem>(new BoundedChannelOptions(bufferSize)
    {
        SingleReader = true,
        SingleWriter = true,
    });

    public TenantId Tenant { get; } = tenant;

    public WatchKinds Kinds => kinds;

    /// <summary>Ends with <see cref="WatchEndedException"/> when the tail ended it, after what was buffered before.</summary>
    public IAsyncEnumerable<FeedItem> ReadAsync(CancellationToken cancellation) => _buffer.Reader.ReadAllAsync(cancellation);

    /// <summary>The tail alone calls it. False when there was no room: the subscription is over.</summary>
    public bool Offer(FeedItem item)
    {
        if (!kinds.HasFlag(WatchFeeds.KindOf(item)) || _buffer.Writer.TryWrite(item))
        {
            return true;
        }

        End(WatchEnd.TooSlow, "Events came faster than they were read.");
        return false;
    }

    public void End(WatchEnd end, string why) => _buffer.Writer.TryComplete(new WatchEndedException(end, why));
}
