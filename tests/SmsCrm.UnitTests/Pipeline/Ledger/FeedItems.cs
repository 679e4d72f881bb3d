using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.UnitTests.Pipeline.Ledger;

/// <summary>One item of each feed.</summary>
internal static class FeedItems
{
    public static readonly TenantId Tenant = new(Guid.Parse("01a21123-3fb9-7a44-bf9b-e941321f3b66"));

    public static FeedPosition At(ulong transaction, long sequence) => new(1, 1, transaction, sequence);

    public static FeedEvent Event(ulong transaction, long sequence, EventKind kind = EventKind.Delivered) => new(
        At(transaction, sequence), new MessageId(Guid.CreateVersion7()), Tenant, 1, kind, 1, Reason.None, 0, DateTimeOffset.UnixEpoch, null, null, "", "");

    public static InboundEvent Text(ulong transaction, long sequence) => new(
        At(transaction, sequence), Tenant, new ProviderSid('S', Guid.CreateVersion7()), new PhoneNumber(14155550123), "78701", "Hello", "none",
        DateTimeOffset.UnixEpoch, null, null, "");

    public static ClickEvent Click(ulong transaction, long sequence, HitFlags flags = HitFlags.None) => new(
        At(transaction, sequence), Tenant, new MessageId(Guid.CreateVersion7()), "offer", "https://shop.example.com/?a=1&b=2", DateTimeOffset.UnixEpoch, flags,
        new PhoneNumber(14155550123), "ref", "spring");
}
