using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Something that endpoints may have asked for.</summary>
/// <param name="Message">The message that it is about, or that a text answers; null: none.</param>
/// <param name="Body">Written only where somebody wants it.</param>
internal sealed record FedEvent(TenantId Tenant, string Name, Guid? Message, Func<string> Body)
{
    /// <summary>Null where nobody may ask for its kind.</summary>
    public static FedEvent? Of(FeedItem item) => item switch
    {
        FeedEvent happened => WebhookEvents.NameOf(happened.Kind) is { } name
            ? new FedEvent(happened.Tenant, name, happened.MessageId.Value, () => WebhookPayload.Of(name, happened))
            : null,
        InboundEvent text => new FedEvent(text.Tenant, WebhookEvents.Received, text.ReplyTo?.Value, () => WebhookPayload.Of(text)),
        ClickEvent click => new FedEvent(click.Tenant, WebhookEvents.Clicked, click.MessageId.Value, () => WebhookPayload.Of(click)),
        _ => throw new InvalidOperationException($"No event for {item.GetType().Name}"),
    };
}
