using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Bodies as receivers get them: <c>{type, timestamp, data}</c>, the same bytes at every attempt.</summary>
internal static class WebhookPayload
{
    /// <summary>Characters of a text that are passed on; a text has 1,600. Escaped they fit into a delivery's body.</summary>
    private const int MostOfText = 3_000;

    /// <summary>The same of a text that pictures came with, so that these have room too.</summary>
    private const int MostOfTextWithMedia = 1_600;

    /// <summary>Escaped, of all files together; the provider's own addresses take a fifth of it.</summary>
    private const int MostOfMediaBytes = 8_000;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Of(string type, FeedEvent happened) => Text(type, happened.At, new MessageData(
        happened.MessageId.ToString(),
        happened.Kind.Code(),
        happened.Version,
        NullIfEmpty(happened.Reason.Code()),
        happened.Code == 0 ? null : happened.Code,
        happened.Attempt == 0 ? null : happened.Attempt,
        happened.Recipient?.ToString(),
        NullIfEmpty(happened.ClientReference),
        NullIfEmpty(happened.CampaignId),
        happened.ProviderAt?.UtcDateTime));

    public static string Of(InboundEvent text) => Text(WebhookEvents.Received, text.At, new TextData(
        text.Sid.ToString(),
        text.From.ToString(),
        text.To,
        ForeignText.Cut(text.Body, text.MediaCount == 0 ? MostOfText : MostOfTextWithMedia),
        text.Keyword == "none" ? null : text.Keyword,
        text.ReplyTo?.ToString(),
        NullIfEmpty(text.CampaignId),
        text.ProviderAt?.UtcDateTime,
        text.MediaCount == 0 ? null : text.MediaCount,
        text.Media.Count == 0 ? null : Passed(text.Media)));

    public static string Of(ClickEvent click) => Text(WebhookEvents.Clicked, click.At, new ClickData(
        click.MessageId.ToString(),
        click.Placeholder,
        NullIfEmpty(click.Url),
        click.At.UtcDateTime,
        click.Flags == HitFlags.None,
        click.Flags == HitFlags.None ? null : click.Flags.Words(),
        click.Recipient?.ToString(),
        NullIfEmpty(click.ClientReference),
        NullIfEmpty(click.CampaignId)));

    public static string OfTest(Guid endpoint, DateTimeOffset now) =>
        Text(WebhookEvents.Test, now, new TestData(endpoint, "This is a test event: the endpoint is reached, and its signature can be checked."));

    /// <summary>How a receiver knows a delivery again: the same at every attempt and redelivery.</summary>
    public static string IdOf(Guid delivery) => $"msg_{delivery:N}";

    private static string Text<T>(string type, DateTimeOffset at, T data) =>
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(new Body<T>(type, at.UtcDateTime, data), Json));

    /// <summary>The first ones, as many as have room; <c>media_count</c> says how many there are.</summary>
    private static List<MediaData> Passed(IReadOnlyList<InboundMedia> media)
    {
        var passed = new List<MediaData>(media.Count);
        var room = MostOfMediaBytes;
        foreach (var one in media.Select(static one => new MediaData(NullIfEmpty(one.ContentType), NullIfEmpty(one.Url))))
        {
            room -= JsonSerializer.SerializeToUtf8Bytes(one, Json).Length + 1;
            if (room < 0)
            {
                break;
            }

            passed.Add(one);
        }

        return passed;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private sealed record Body<T>(string Type, DateTime Timestamp, T Data);

    private sealed record MessageData(
        string MessageId, string State, int Version, string? Reason, int? ProviderCode, short? Attempt, string? To, string? ClientReference, string? CampaignId,
        DateTime? ProviderTime);

    private sealed record TextData(
        string ProviderSid, string From, string To, string Body, string? Keyword, string? ReplyTo, string? CampaignId, DateTime? ProviderTime,
        int? MediaCount, IReadOnlyList<MediaData>? Media);

    private sealed record MediaData(string? ContentType, string? Url);

    private sealed record ClickData(
        string MessageId, string Placeholder, string? Url, DateTime At, bool Human, IReadOnlyList<string>? Flags, string? To, string? ClientReference,
        string? CampaignId);

    private sealed record TestData(Guid WebhookId, string Message);
}
