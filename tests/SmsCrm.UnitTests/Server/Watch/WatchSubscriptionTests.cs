using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Watch;

namespace SmsCrm.UnitTests.Server.Watch;

public sealed class WatchSubscriptionTests
{
    private static readonly TenantId Tenant = new(Guid.Parse("01a21123-3fb9-7a44-bf9b-e941321f3b66"));

    [Fact]
    public async Task A_reader_whose_buffer_is_full_is_ended_after_what_was_buffered()
    {
        var subscription = new WatchSubscription(Tenant, bufferSize: 2);

        Assert.True(subscription.Offer(Event(1)));
        Assert.True(subscription.Offer(Event(2)));
        Assert.False(subscription.Offer(Event(3)));

        var read = new List<long>();
        var ended = await Assert.ThrowsAsync<WatchEndedException>(async () =>
        {
            await foreach (var happened in subscription.ReadAsync(TestContext.Current.CancellationToken))
            {
                read.Add(happened.Position.Sequence);
            }
        });
        Assert.Equal([1, 2], read);
        Assert.Equal(WatchEnd.TooSlow, ended.End);
    }

    [Theory]
    [InlineData(1, 5, 2, 0, true)]
    [InlineData(2, 0, 1, 5, false)]
    [InlineData(2, -1, 2, 0, true)]
    [InlineData(2, 3, 2, 3, false)]
    public void Positions_are_ordered_by_transaction_then_by_sequence(ulong transaction, long sequence, ulong otherTransaction, long otherSequence, bool before) =>
        Assert.Equal(before, new FeedPosition(1, 1, transaction, sequence).IsBefore(new FeedPosition(1, 1, otherTransaction, otherSequence)));

    private static FeedEvent Event(long sequence) => new(
        new FeedPosition(1, 1, 10, sequence), new MessageId(Guid.Empty), Tenant, 1, EventKind.Queued, 0, Reason.None, 0, DateTimeOffset.UnixEpoch, null, null, "", "");
}
