using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Links;

/// <summary>A click as the feed tells it: a hit of a short link, HEAD requests left out.</summary>
/// <param name="Url">Where the link leads; empty where the message's row, with the request, is gone.</param>
/// <param name="Flags">Why it is no person's.</param>
/// <param name="Recipient">Null where the message's row is gone.</param>
/// <param name="ClientReference">Empty where there is none, or the message's row is gone.</param>
public sealed record ClickEvent(
    FeedPosition Position,
    TenantId Tenant,
    MessageId MessageId,
    string Placeholder,
    string Url,
    DateTimeOffset At,
    HitFlags Flags,
    PhoneNumber? Recipient,
    string ClientReference,
    string CampaignId)
    : FeedItem(Position, Tenant, At);

/// <summary>
/// The tail of all clicks (<see cref="ClickEvent"/>). It begins with the migration that gave hits their places: hits from before it have the
/// place (0, 0), below every position.
/// </summary>
public sealed class ClickFeed(NpgsqlDataSource postgres) : Feed(postgres, Sql)
{
    // Where links lead stands in the request that is kept with the message: the links' own table has no index by message.
    private static readonly FeedSql Sql = new(
        "link_hits", "r.message_id, r.placeholder, r.at, r.flags, r.campaign_id, m.recipient, m.client_reference, m.request")
    {
        Filter = "flags & 1 = 0",
        Joins =
            $"""
            LEFT JOIN LATERAL (
              SELECT recipient, client_reference, request FROM messages WHERE id = {FeedSql.MessageOfTenants} AND tenant_id = r.tenant_id LIMIT 1
            ) m ON true
            """,
        Floor = "(SELECT feed_floor FROM link_hit_floor)",
    };

    private protected override FeedItem Read(NpgsqlDataReader reader, FeedPosition place, TenantId tenant)
    {
        var placeholder = reader.GetString(First + 1);
        return new ClickEvent(
            place,
            tenant,
            new MessageId(reader.GetGuid(First)),
            placeholder,
            reader.IsDBNull(First + 7) ? "" : UrlOf(reader.GetFieldValue<byte[]>(First + 7), placeholder),
            Time(reader, First + 2),
            (HitFlags)reader.GetInt16(First + 3),
            reader.IsDBNull(First + 5) ? null : new PhoneNumber(reader.GetInt64(First + 5)),
            TextOf(reader, First + 6),
            reader.GetString(First + 4));
    }

    /// <summary>A request that can't be read must not hold up the feed: then nobody knows where the link leads.</summary>
    private static string UrlOf(byte[] request, string placeholder) =>
        KeptRequest.Read(request)?.Links.FirstOrDefault(link => link.Placeholder == placeholder)?.Url ?? "";
}
