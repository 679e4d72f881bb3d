namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Several feeds as one, with the one position that they have in common. Each is read by a statement of its own and so up to a place of its
/// own: what lies beyond the nearest of them is left for the next read, since who moved on past it would leave another feed's out.
/// </summary>
public sealed class MergedFeed(params IReadOnlyList<Feed> feeds)
{
    /// <summary>Of this one, what is kept no longer is left out, where else the position would be out of range for all. Null: of none.</summary>
    public Feed? MayLack { get; init; }

    /// <inheritdoc cref="Feed.EndAsync"/>
    public Task<FeedPosition> EndAsync(CancellationToken cancellation) => feeds[0].EndAsync(cancellation);

    /// <summary>What comes after a position, in order; at most <paramref name="limit"/> of each feed, 1 to 5,000.</summary>
    /// <param name="messagesOf">As for <see cref="Feed.ReadAfterAsync"/>.</param>
    public async Task<FeedRead> ReadAfterAsync(FeedPosition position, int limit, CancellationToken cancellation, Guid[]? messagesOf = null)
    {
        var batches = new List<FeedRead.Batch>(feeds.Count);
        foreach (var feed in feeds)
        {
            var read = await feed.ReadAfterAsync(position, limit, cancellation, messagesOf).ConfigureAwait(false);
            switch (read)
            {
                case FeedRead.Batch batch:
                    batches.Add(batch);
                    break;
                case FeedRead.OutOfRange { GoesOn: { } kept } gone when feed == MayLack:
                    batches.Add(new FeedRead.Batch([], kept, More: false) { Gap = gone.Sentence });
                    break;
                default:
                    return read;
            }
        }

        return Merge(batches);
    }

    internal static FeedRead.Batch Merge(IReadOnlyList<FeedRead.Batch> batches)
    {
        var position = batches.Select(static batch => batch.Position).Aggregate(static (nearest, other) => other.IsBefore(nearest) ? other : nearest);
        var items = batches.SelectMany(static batch => batch.Items).Where(item => !position.IsBefore(item.Position));
        return new FeedRead.Batch(
            batches.Count(static batch => batch.Items.Count > 0) < 2
                ? [.. items]
                : [.. items.OrderBy(static item => (item.Position.Transaction, item.Position.Sequence))],
            position,
            batches.Any(static batch => batch.More))
        {
            Gap = batches.Select(static batch => batch.Gap).FirstOrDefault(static gap => gap is not null),
        };
    }
}
