using SmsCrm.Pipeline.Ledger;
using static SmsCrm.UnitTests.Pipeline.Ledger.FeedItems;

namespace SmsCrm.UnitTests.Pipeline.Ledger;

public sealed class MergedFeedTests
{
    [Fact]
    public void What_only_one_feed_was_read_up_to_waits_for_the_others()
    {
        var events = new FeedRead.Batch([Event(5, 1), Event(9, 4)], At(20, -1), More: false);
        var texts = new FeedRead.Batch([Text(5, 2), Text(8, 3)], At(8, 3), More: true);
        var clicks = new FeedRead.Batch([Click(7, 6), Click(8, 5)], At(21, -1), More: false);

        var batch = MergedFeed.Merge([events, texts, clicks]);

        Assert.Equal((At(8, 3), true), (batch.Position, batch.More));
        Assert.Equal([At(5, 1), At(5, 2), At(7, 6), At(8, 3)], batch.Items.Select(item => item.Position));
    }

    [Fact]
    public void What_came_after_another_feed_was_read_is_left_for_the_next_time()
    {
        var batch = MergedFeed.Merge(
        [
            new FeedRead.Batch([Event(5, 1)], At(6, -1), More: false), new FeedRead.Batch([Text(6, 2)], At(7, -1), More: false),
            new FeedRead.Batch([Click(7, 3)], At(8, -1), More: false),
        ]);

        Assert.Equal((At(6, -1), false), (batch.Position, batch.More));
        Assert.IsType<FeedEvent>(Assert.Single(batch.Items));
    }

    [Fact]
    public void What_one_transaction_wrote_into_several_feeds_is_in_the_order_in_which_it_was_written()
    {
        var batch = MergedFeed.Merge(
        [
            new FeedRead.Batch([Event(5, 2), Event(5, 5)], At(6, -1), More: false), new FeedRead.Batch([], At(6, -1), More: false),
            new FeedRead.Batch([Click(5, 1), Click(5, 4)], At(6, -1), More: false),
        ]);

        Assert.Equal([1L, 2, 4, 5], batch.Items.Select(item => item.Position.Sequence));
    }

    [Fact]
    public void Of_one_feed_alone_everything_stays_as_it_was_read()
    {
        var read = new FeedRead.Batch([Click(5, 1), Click(5, 2)], At(5, 2), More: true);

        var batch = MergedFeed.Merge([read]);

        Assert.Equal(read.Items, batch.Items);
        Assert.Equal((read.Position, read.More), (batch.Position, batch.More));
    }
}
