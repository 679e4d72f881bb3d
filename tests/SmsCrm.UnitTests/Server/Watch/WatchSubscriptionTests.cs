using SmsCrm.Pipeline.Ledger;
using SmsCrm.Server.Watch;
using SmsCrm.UnitTests.Pipeline.Ledger;

namespace SmsCrm.UnitTests.Server.Watch;

public sealed class WatchSubscriptionTests
{
    [Fact]
    public async Task A_reader_whose_buffer_is_full_is_ended_after_what_was_buffered()
    {
        var subscription = new WatchSubscription(FeedItems.Tenant, WatchKinds.Messages, bufferSize: 2);

        Assert.True(subscription.Offer(FeedItems.Event(10, 1)));
        Assert.True(subscription.Offer(FeedItems.Event(10, 2)));
        Assert.False(subscription.Offer(FeedItems.Event(10, 3)));

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

    [Fact]
    public async Task What_a_reader_did_not_ask_for_takes_no_room()
    {
        var subscription = new WatchSubscription(FeedItems.Tenant, WatchKinds.Clicked, bufferSize: 1);

        Assert.True(subscription.Offer(FeedItems.Event(10, 1)));
        Assert.True(subscription.Offer(FeedItems.Text(10, 2)));
        Assert.True(subscription.Offer(FeedItems.Click(10, 3)));
        subscription.End(WatchEnd.OutOfRange, "over");

        await using var reading = subscription.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal(3, reading.Current.Position.Sequence);
        await Assert.ThrowsAsync<WatchEndedException>(async () => await reading.MoveNextAsync());
    }

    [Theory]
    [InlineData(1, 5, 2, 0, true)]
    [InlineData(2, 0, 1, 5, false)]
    [InlineData(2, -1, 2, 0, true)]
    [InlineData(2, 3, 2, 3, false)]
    public void Positions_are_ordered_by_transaction_then_by_sequence(ulong transaction, long sequence, ulong otherTransaction, long otherSequence, bool before) =>
        Assert.Equal(before, new FeedPosition(1, 1, transaction, sequence).IsBefore(new FeedPosition(1, 1, otherTransaction, otherSequence)));
}
