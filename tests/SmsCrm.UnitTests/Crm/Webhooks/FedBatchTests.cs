using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class FedBatchTests
{
    private static readonly TenantId Tenant = new(Guid.CreateVersion7());

    [Fact]
    public void What_only_one_feed_was_read_up_to_waits_for_the_other()
    {
        var events = new FeedRead.Batch([Event(5, 1), Event(9, 4)], At(20, -1), More: false);
        var texts = new InboundRead.Batch([Text(5, 2), Text(8, 3)], At(8, 3), More: true);

        var batch = FedBatch.Of(events, texts);

        Assert.Equal((At(8, 3), true), (batch.Position, batch.More));
        Assert.Equal(["message.delivered", "message.received", "message.received"], batch.Events.Select(happened => happened.Name));
    }

    [Fact]
    public void A_text_that_came_after_the_events_were_read_is_left_for_the_next_time()
    {
        var batch = FedBatch.Of(new FeedRead.Batch([Event(5, 1)], At(6, -1), More: false), new InboundRead.Batch([Text(6, 2)], At(7, -1), More: false));

        Assert.Equal(At(6, -1), batch.Position);
        Assert.Single(batch.Events);
    }

    [Fact]
    public void What_nobody_may_ask_for_moves_the_position_only()
    {
        var batch = FedBatch.Of(new FeedRead.Batch([Event(5, 1, EventKind.Claimed)], At(6, -1), More: false), new InboundRead.Batch([], At(6, -1), More: false));

        Assert.Equal((At(6, -1), 0), (batch.Position, batch.Events.Count));
    }

    private static FeedPosition At(ulong transaction, long sequence) => new(1, 1, transaction, sequence);

    private static FeedEvent Event(ulong transaction, long sequence, EventKind kind = EventKind.Delivered) => new(
        At(transaction, sequence), new MessageId(Guid.CreateVersion7()), Tenant, 1, kind, 1, Reason.None, 0, DateTimeOffset.UnixEpoch, null, null, "", "");

    private static InboundEvent Text(ulong transaction, long sequence) => new(
        At(transaction, sequence), Tenant, new ProviderSid('S', Guid.CreateVersion7()), new PhoneNumber(14155550123), "78701", "Hello", "none",
        DateTimeOffset.UnixEpoch, null, null, "");
}
