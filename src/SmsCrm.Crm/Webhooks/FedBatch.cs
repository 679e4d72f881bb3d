using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Something that endpoints may have asked for.</summary>
/// <param name="Message">The message that it is about, or that a text answers; null: none.</param>
/// <param name="Body">Written only where somebody wants it.</param>
internal sealed record FedEvent(TenantId Tenant, string Name, Guid? Message, Func<string> Body)
{
    /// <summary>Null where nobody may ask for its kind.</summary>
    public static FedEvent? Of(FeedEvent happened) => WebhookEvents.NameOf(happened.Kind) is { } name
        ? new FedEvent(happened.Tenant, name, happened.MessageId.Value, () => WebhookPayload.Of(name, happened))
        : null;

    public static FedEvent Of(InboundEvent text) =>
        new(text.Tenant, WebhookEvents.Received, text.ReplyTo?.Value, () => WebhookPayload.Of(text));
}

/// <summary>What two feeds with common positions gave, up to where both were read.</summary>
/// <param name="Position">Where to go on in both.</param>
/// <param name="More">There is more to read now.</param>
internal sealed record FedBatch(IReadOnlyList<FedEvent> Events, FeedPosition Position, bool More)
{
    /// <summary>What lies above the nearer of the two positions is left for the next read: who moved on past it would leave the other feed's out.</summary>
    public static FedBatch Of(FeedRead.Batch events, InboundRead.Batch texts)
    {
        var position = IsAfter(events.Position, texts.Position) ? texts.Position : events.Position;
        return new FedBatch(
            [
                .. events.Events.Where(happened => !IsAfter(happened.Position, position)).Select(FedEvent.Of).OfType<FedEvent>(),
                .. texts.Texts.Where(text => !IsAfter(text.Position, position)).Select(FedEvent.Of),
            ],
            position,
            events.More || texts.More);
    }

    private static bool IsAfter(FeedPosition one, FeedPosition other) =>
        (one.Transaction, one.Sequence).CompareTo((other.Transaction, other.Sequence)) > 0;
}
