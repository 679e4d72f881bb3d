using Google.Protobuf.WellKnownTypes;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Server.Watch;

/// <summary>What happened, as Watch tells it.</summary>
internal static class WatchAnswers
{
    /// <summary>Of a text: of the message that it answers. Empty where there is none.</summary>
    public static string CampaignOf(FeedItem item) => item switch
    {
        FeedEvent happened => happened.CampaignId,
        InboundEvent text => text.CampaignId,
        ClickEvent click => click.CampaignId,
        _ => throw new InvalidOperationException($"No campaign for {item.GetType().Name}"),
    };

    public static MessageEvent Of(FeedItem item)
    {
        var answer = item switch
        {
            FeedEvent happened => Of(happened),
            InboundEvent text => Of(text),
            ClickEvent click => Of(click),
            _ => throw new InvalidOperationException($"No answer for {item.GetType().Name}"),
        };
        (answer.Position, answer.At, answer.CampaignId) = (item.Position.ToString(), item.At.ToTimestamp(), CampaignOf(item));
        return answer;
    }

    private static MessageEvent Of(FeedEvent happened) => new()
    {
        MessageId = happened.MessageId.ToString(),
        Version = happened.Version,
        Kind = happened.Kind.Code(),
        Attempt = happened.Attempt,
        Reason = happened.Reason.Code(),
        ProviderCode = happened.Code,
        ProviderAt = happened.ProviderAt?.ToTimestamp(),
        Detail = happened.Detail ?? "",
        ClientReference = happened.ClientReference,
    };

    private static MessageEvent Of(InboundEvent text) => new()
    {
        MessageId = text.ReplyTo?.ToString() ?? "",
        Kind = "received",
        ProviderAt = text.ProviderAt?.ToTimestamp(),
        Received = new ReceivedText
        {
            ProviderSid = text.Sid.ToString(),
            From = text.From.ToString(),
            To = text.To,
            Body = text.Body,
            Keyword = text.Keyword == "none" ? "" : text.Keyword,
            MediaCount = text.MediaCount,
            Media = { text.Media.Select(static media => new ReceivedMedia { ContentType = media.ContentType, Url = media.Url }) },
        },
    };

    private static MessageEvent Of(ClickEvent click) => new()
    {
        MessageId = click.MessageId.ToString(),
        Kind = "clicked",
        ClientReference = click.ClientReference,
        Clicked = new LinkClick
        {
            Placeholder = click.Placeholder,
            Url = click.Url,
            Human = click.Flags == HitFlags.None,
            Flags = { click.Flags.Words() },
            To = click.Recipient?.ToString() ?? "",
        },
    };
}
