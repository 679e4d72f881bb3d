using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Something that happened, with its place in the order that all feeds share.</summary>
/// <param name="Position">Where a reader that has handled this goes on, in every feed.</param>
/// <param name="At">When it happened.</param>
public abstract record FeedItem(FeedPosition Position, TenantId Tenant, DateTimeOffset At);

/// <summary>What a read of a feed gave: a closed set.</summary>
public abstract record FeedRead
{
    private FeedRead()
    {
    }

    /// <param name="Items">In the feed's order.</param>
    /// <param name="Position">Where to go on; moves on without items too.</param>
    /// <param name="More">There are more to read now.</param>
    public sealed record Batch(IReadOnlyList<FeedItem> Items, FeedPosition Position, bool More) : FeedRead
    {
        /// <summary>Why there is a gap in what <see cref="MergedFeed.MayLack"/> has; null: there is none.</summary>
        public string? Gap { get; init; }
    }

    /// <summary>The position is older than retention or of another Postgres: there would be a gap.</summary>
    /// <param name="GoesOn">Where what is kept begins; null: nowhere that could be told from this position.</param>
    public sealed record OutOfRange(string Sentence, FeedPosition? GoesOn = null) : FeedRead;
}
