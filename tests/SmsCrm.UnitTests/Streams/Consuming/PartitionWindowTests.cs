using SmsCrm.Streams.Consuming;

namespace SmsCrm.UnitTests.Streams.Consuming;

public sealed class PartitionWindowTests
{
    private const long Epoch = 7;

    [Fact]
    public void Completion_of_the_oldest_record_moves_the_watermark_past_all_that_is_complete_behind_it()
    {
        var window = WindowWith(offsets: [10, 11, 12, 13]);

        Assert.Equal(CompletionOutcome.Kept, window.Complete(Epoch, 1));
        Assert.Equal(CompletionOutcome.Kept, window.Complete(Epoch, 2));
        AssertWindow(window, inWork: 4, watermark: 10);

        Assert.Equal(CompletionOutcome.Advanced, window.Complete(Epoch, 0));
        AssertWindow(window, inWork: 1, watermark: 13);
    }

    [Fact]
    public void Gaps_between_offsets_are_passed_with_the_record_before_them()
    {
        var window = WindowWith(offsets: [10, 20, 25]);

        window.Complete(Epoch, 0);
        AssertWindow(window, inWork: 2, watermark: 11);
        window.Complete(Epoch, 2);
        window.Complete(Epoch, 1);
        AssertWindow(window, inWork: 0, watermark: 26);
    }

    [Fact]
    public void A_full_window_takes_no_record_and_is_half_empty_when_half_of_it_is_free()
    {
        var window = WindowWith(capacity: 4, offsets: [0, 1, 2, 3]);

        Assert.True(window.IsFull);
        Assert.False(window.TryAdd(4, 0, out _));
        window.Complete(Epoch, 0);
        Assert.False(window.IsFull);
        Assert.False(window.IsHalfEmpty);
        window.Complete(Epoch, 1);
        Assert.True(window.IsHalfEmpty);
    }

    [Fact]
    public void A_completion_of_another_epoch_is_stale_and_changes_nothing()
    {
        var window = WindowWith(offsets: [10, 11]);

        window.Restart(Epoch + 1, position: 5);
        window.TryAdd(5, 0, out var sequence);

        Assert.Equal(CompletionOutcome.Stale, window.Complete(Epoch, 0));
        Assert.Equal(CompletionOutcome.Stale, window.Complete(Epoch, sequence));
        AssertWindow(window, inWork: 1, watermark: 5);
        Assert.Equal(CompletionOutcome.Advanced, window.Complete(Epoch + 1, sequence));
        AssertWindow(window, inWork: 0, watermark: 6);
    }

    [Fact]
    public void A_record_completed_twice_counts_once()
    {
        var window = WindowWith(offsets: [10, 11, 12]);

        window.Complete(Epoch, 1);
        Assert.Equal(CompletionOutcome.Repeated, window.Complete(Epoch, 1));
        window.Complete(Epoch, 0);
        Assert.Equal(CompletionOutcome.Repeated, window.Complete(Epoch, 0));

        AssertWindow(window, inWork: 1, watermark: 12);
    }

    [Fact]
    public void An_offset_below_one_that_was_delivered_is_refused()
    {
        var window = WindowWith(offsets: [10]);

        Assert.Throws<ArgumentOutOfRangeException>(() => window.TryAdd(10, 0, out _));
    }

    [Fact]
    public void The_age_is_that_of_the_oldest_incomplete_record()
    {
        var window = new PartitionWindow(4, Epoch, 0);
        window.TryAdd(0, now: 100, out _);
        window.TryAdd(1, now: 200, out _);

        Assert.Equal(100, window.OldestDeliveredAt);
        window.Complete(Epoch, 0);
        Assert.Equal(200, window.OldestDeliveredAt);
        window.Complete(Epoch, 1);
        Assert.Null(window.OldestDeliveredAt);
    }

    private static PartitionWindow WindowWith(long[] offsets, int capacity = 8)
    {
        var window = new PartitionWindow(capacity, Epoch, offsets[0]);
        foreach (var offset in offsets)
        {
            Assert.True(window.TryAdd(offset, 0, out _));
        }

        return window;
    }

    private static void AssertWindow(PartitionWindow window, int inWork, long watermark)
    {
        Assert.Equal(inWork, window.Count);
        Assert.Equal(watermark, window.Watermark);
    }
}
