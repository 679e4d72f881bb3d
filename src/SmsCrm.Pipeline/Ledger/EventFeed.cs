using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>One event as the feed tells it, with what Watch and webhooks say of its message.</summary>
/// <param name="Detail">JSON or a word of the provider's; null: none.</param>
public sealed record FeedEvent(
    FeedPosition Position,
    MessageId MessageId,
    TenantId Tenant,
    int Version,
    EventKind Kind,
    short Attempt,
    Reason Reason,
    int Code,
    DateTimeOffset At,
    DateTimeOffset? ProviderAt,
    string? Detail,
    string ClientReference,
    string CampaignId)
    : FeedItem(Position, Tenant, At)
{
    /// <summary>Null: its row is gone, or has not been written yet.</summary>
    public PhoneNumber? Recipient { get; init; }
}

/// <summary>The tail of all messages' events (<see cref="FeedEvent"/>).</summary>
public sealed class EventFeed(NpgsqlDataSource postgres) : Feed(postgres, Sql)
{
    private static readonly FeedSql Sql = new(
        "message_events",
        "r.message_id, r.version, r.kind, r.attempt, r.reason, r.code, r.at, r.provider_at, r.detail, m.client_reference, m.campaign_id, m.recipient")
    {
        Joins = $"LEFT JOIN LATERAL (SELECT client_reference, campaign_id, recipient FROM messages WHERE id = {FeedSql.MessageOfTenants} LIMIT 1) m ON true",
        Floor = "(SELECT feed_floor FROM ledger_floor)",
    };

    private protected override FeedItem Read(NpgsqlDataReader reader, FeedPosition place, TenantId tenant) => new FeedEvent(
        place,
        new MessageId(reader.GetGuid(First)),
        tenant,
        reader.GetInt32(First + 1),
        (EventKind)reader.GetInt16(First + 2),
        reader.GetInt16(First + 3),
        (Reason)reader.GetInt16(First + 4),
        reader.GetInt32(First + 5),
        Time(reader, First + 6),
        reader.IsDBNull(First + 7) ? null : Time(reader, First + 7),
        reader.IsDBNull(First + 8) ? null : reader.GetString(First + 8),
        TextOf(reader, First + 9),
        TextOf(reader, First + 10))
    {
        Recipient = reader.IsDBNull(First + 11) ? null : new PhoneNumber(reader.GetInt64(First + 11)),
    };
}
