using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>One event as the feed tells it, with what Watch and webhooks say of its message.</summary>
/// <param name="Position">Where a reader that has handled this event goes on.</param>
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
{
    /// <summary>Null: its row is gone, or has not been written yet.</summary>
    public PhoneNumber? Recipient { get; init; }
}

/// <summary>What a read of the feed gave: a closed set.</summary>
public abstract record FeedRead
{
    private FeedRead()
    {
    }

    /// <param name="Events">In the feed's order.</param>
    /// <param name="Position">Where to go on; moves on without events too.</param>
    /// <param name="More">There are more to read now.</param>
    public sealed record Batch(IReadOnlyList<FeedEvent> Events, FeedPosition Position, bool More) : FeedRead;

    /// <summary>The position is older than retention or of another Postgres: there would be a gap.</summary>
    public sealed record OutOfRange(string Sentence) : FeedRead;
}

/// <summary>
/// The tail of all events. Rows below the oldest transaction still open, ordered by transaction and sequence number, rows and that bound
/// from one statement: a transaction that commits late has a place above every position handed out before.
/// </summary>
public sealed class EventFeed(NpgsqlDataSource postgres)
{
    /// <summary>Most events a read.</summary>
    public const int MostAtOnce = 5_000;

    private const string NowSql =
        """
        SELECT s.system_identifier, c.timeline_id, pg_snapshot_xmin(pg_current_snapshot())
        FROM pg_control_system() s, pg_control_checkpoint() c
        """;

    // A message that need not be looked up has no key to look with.
    private const string MessageOfTenants = "CASE WHEN e.tenant_id = ANY($4) THEN e.message_id END";

    private const string ReadSql = EventsSql + "WHERE id = e.message_id" + OrderSql;
    private const string ReadOfTenantsSql = EventsSql + "WHERE id = " + MessageOfTenants + OrderSql;

    private const string EventsSql =
        """
        SELECT s.system_identifier, c.timeline_id, f.feed_floor, pg_snapshot_xmin(pg_current_snapshot()), e.xid, e.seq, e.message_id,
          e.tenant_id, e.version, e.kind, e.attempt, e.reason, e.code, e.at, e.provider_at, e.detail, m.client_reference, m.campaign_id,
          m.recipient
        FROM pg_control_system() s, pg_control_checkpoint() c, ledger_floor f
        LEFT JOIN LATERAL (
          SELECT * FROM message_events
          WHERE (xid, seq) > ($1, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
          ORDER BY xid, seq LIMIT $3
        ) e ON true
        LEFT JOIN LATERAL (SELECT client_reference, campaign_id, recipient FROM messages
        """ + " ";

    private const string OrderSql = ") m ON true ORDER BY e.xid, e.seq";

    /// <summary>The end of the feed: what commits from now on comes after it.</summary>
    public async Task<FeedPosition> EndAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(NowSql);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return new FeedPosition(reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<ulong>(2), -1);
    }

    /// <summary>The events after a position, of all tenants; at most <paramref name="limit"/>, 1 to 5,000.</summary>
    /// <param name="messagesOf">
    /// Only of these tenants' events the message is looked up, which is most of what an event costs: the others come without recipient,
    /// reference and campaign. Null: of all.
    /// </param>
    public async Task<FeedRead> ReadAfterAsync(FeedPosition position, int limit, CancellationToken cancellation, Guid[]? messagesOf = null)
    {
        limit = Math.Clamp(limit, 1, MostAtOnce);
        await using var command = postgres.CreateCommand(messagesOf is null ? ReadSql : ReadOfTenantsSql);
        command.Parameters.Add(new NpgsqlParameter { Value = position.Transaction, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Sequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (messagesOf is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = messagesOf });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var events = new List<FeedEvent>();
        var bound = position;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var open = reader.GetFieldValue<ulong>(3);
            if (Refusal(position, reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<ulong>(2), open) is { } refusal)
            {
                return refusal;
            }

            bound = position with { Transaction = open, Sequence = -1 };
            if (!reader.IsDBNull(4))
            {
                events.Add(Read(reader, position));
            }
        }

        return events.Count == limit
            ? new FeedRead.Batch(events, events[^1].Position, More: true)
            : new FeedRead.Batch(events, bound, More: false);
    }

    private static FeedRead.OutOfRange? Refusal(FeedPosition position, long system, int timeline, ulong floor, ulong open)
    {
        if (position.SystemIdentifier != system || position.Timeline != timeline)
        {
            return new($"The position is of another database (timeline {position.Timeline}, this is {timeline}): begin from now.");
        }

        if (floor > 0 && position.Transaction <= floor)
        {
            return new("The position is older than the events that are kept: begin from now.");
        }

        return position.Transaction > open ? new("The position lies ahead of this database: begin from now.") : null;
    }

    private static FeedEvent Read(NpgsqlDataReader reader, FeedPosition position) => new(
        position with { Transaction = reader.GetFieldValue<ulong>(4), Sequence = reader.GetInt64(5) },
        new MessageId(reader.GetGuid(6)),
        new TenantId(reader.GetGuid(7)),
        reader.GetInt32(8),
        (EventKind)reader.GetInt16(9),
        reader.GetInt16(10),
        (Reason)reader.GetInt16(11),
        reader.GetInt32(12),
        Time(reader, 13),
        reader.IsDBNull(14) ? null : Time(reader, 14),
        reader.IsDBNull(15) ? null : reader.GetString(15),
        reader.IsDBNull(16) ? "" : reader.GetString(16),
        reader.IsDBNull(17) ? "" : reader.GetString(17))
    {
        Recipient = reader.IsDBNull(18) ? null : new PhoneNumber(reader.GetInt64(18)),
    };

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);
}
