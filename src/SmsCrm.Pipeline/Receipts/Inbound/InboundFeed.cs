using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>An inbound text as the feed tells it; it happened when we received it.</summary>
/// <param name="To">The tenant's number or short code.</param>
/// <param name="Keyword"><c>none</c>, <c>stop</c>, <c>help</c>, <c>start</c> or <c>review</c>.</param>
/// <param name="ReplyTo">The message that it answers; null where none can be meant.</param>
/// <param name="CampaignId">That message's campaign; empty where it has none.</param>
public sealed record InboundEvent(
    FeedPosition Position,
    TenantId Tenant,
    ProviderSid Sid,
    PhoneNumber From,
    string To,
    string Body,
    string Keyword,
    DateTimeOffset At,
    DateTimeOffset? ProviderAt,
    MessageId? ReplyTo,
    string CampaignId)
    : FeedItem(Position, Tenant, At)
{
    /// <summary>How many pictures or other files came with it.</summary>
    public int MediaCount { get; init; }

    /// <summary>What is known of them, up to ten.</summary>
    public IReadOnlyList<InboundMedia> Media { get; init; } = [];
}

/// <summary>
/// The tail of all inbound texts (<see cref="InboundEvent"/>). They are no events of a message, whose state is the fold of its events.
/// </summary>
public sealed class InboundFeed(NpgsqlDataSource postgres) : Feed(postgres, Sql)
{
    private static readonly FeedSql Sql = new(
        "inbound_texts",
        "r.sid_kind::text, r.sid, r.number, r.to_address, r.body, r.keyword, r.received_at, r.provider_at, r.reply_to, r.reply_campaign, "
            + "r.media_count, r.media_types, r.media_urls");

    private protected override FeedItem Read(NpgsqlDataReader reader, FeedPosition place, TenantId tenant) => new InboundEvent(
        place,
        tenant,
        new ProviderSid(reader.GetString(First)[0], reader.GetGuid(First + 1)),
        new PhoneNumber(reader.GetInt64(First + 2)),
        reader.GetString(First + 3),
        reader.GetString(First + 4),
        ((Keyword)reader.GetInt16(First + 5)).ToString().ToLowerInvariant(),
        Time(reader, First + 6),
        reader.IsDBNull(First + 7) ? null : Time(reader, First + 7),
        reader.IsDBNull(First + 8) ? null : new MessageId(reader.GetGuid(First + 8)),
        reader.GetString(First + 9))
    {
        MediaCount = reader.GetInt16(First + 10),
        Media = [.. reader.GetFieldValue<string[]>(First + 11).Zip(reader.GetFieldValue<string[]>(First + 12), static (type, url) => new InboundMedia(type, url))],
    };
}
