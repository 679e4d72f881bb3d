using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>An inbound text as the feed tells it.</summary>
/// <param name="Position">Where a reader that has handled this text goes on.</param>
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
    DateTimeOffset ReceivedAt,
    DateTimeOffset? ProviderAt,
    MessageId? ReplyTo,
    string CampaignId);

/// <summary>What a read of the feed gave: a closed set.</summary>
public abstract record InboundRead
{
    private InboundRead()
    {
    }

    /// <param name="Texts">In the feed's order.</param>
    /// <param name="Position">Where to go on; moves on without texts too.</param>
    /// <param name="More">There are more to read now.</param>
    public sealed record Batch(IReadOnlyList<InboundEvent> Texts, FeedPosition Position, bool More) : InboundRead;

    /// <summary>The position is of another Postgres: begin from now (<see cref="EventFeed.EndAsync"/>).</summary>
    public sealed record OutOfRange : InboundRead;
}

/// <summary>
/// The tail of all inbound texts, in the same order and with the same positions as <see cref="EventFeed"/>: rows below the oldest transaction
/// still open, rows and that bound from one statement. Inbound texts are no events of a message, whose state is the fold of its events.
/// </summary>
public sealed class InboundFeed(NpgsqlDataSource postgres)
{
    private const string ReadSql =
        """
        SELECT s.system_identifier, c.timeline_id, pg_snapshot_xmin(pg_current_snapshot()), t.xid, t.seq, t.tenant_id, t.sid_kind::text, t.sid, t.number,
          t.to_address, t.body, t.keyword, t.received_at, t.provider_at, t.reply_to, t.reply_campaign
        FROM pg_control_system() s, pg_control_checkpoint() c
        LEFT JOIN LATERAL (
          SELECT * FROM inbound_texts WHERE (xid, seq) > ($1, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, seq LIMIT $3
        ) t ON true
        ORDER BY t.xid, t.seq
        """;

    /// <summary>The texts after a position, of all tenants; at most <paramref name="limit"/>, 1 to 5,000.</summary>
    public async Task<InboundRead> ReadAfterAsync(FeedPosition position, int limit, CancellationToken cancellation)
    {
        limit = Math.Clamp(limit, 1, EventFeed.MostAtOnce);
        await using var command = postgres.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter { Value = position.Transaction, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Sequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var texts = new List<InboundEvent>();
        var bound = position;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var open = reader.GetFieldValue<ulong>(2);
            if (position.SystemIdentifier != reader.GetInt64(0) || position.Timeline != reader.GetInt32(1) || position.Transaction > open)
            {
                return new InboundRead.OutOfRange();
            }

            bound = position with { Transaction = open, Sequence = -1 };
            if (!reader.IsDBNull(3))
            {
                texts.Add(Read(reader, position));
            }
        }

        return texts.Count == limit ? new InboundRead.Batch(texts, texts[^1].Position, More: true) : new InboundRead.Batch(texts, bound, More: false);
    }

    private static InboundEvent Read(NpgsqlDataReader reader, FeedPosition position) => new(
        position with { Transaction = reader.GetFieldValue<ulong>(3), Sequence = reader.GetInt64(4) },
        new TenantId(reader.GetGuid(5)),
        new ProviderSid(reader.GetString(6)[0], reader.GetGuid(7)),
        new PhoneNumber(reader.GetInt64(8)),
        reader.GetString(9),
        reader.GetString(10),
        ((Keyword)reader.GetInt16(11)).ToString().ToLowerInvariant(),
        new DateTimeOffset(reader.GetDateTime(12), TimeSpan.Zero),
        reader.IsDBNull(13) ? null : new DateTimeOffset(reader.GetDateTime(13), TimeSpan.Zero),
        reader.IsDBNull(14) ? null : new MessageId(reader.GetGuid(14)),
        reader.GetString(15));
}
