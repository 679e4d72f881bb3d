using Dapper;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Messages;

/// <summary>Reads a tenant's messages. Another tenant's message is not there.</summary>
public sealed class MessageQueries(NpgsqlDataSource database)
{
    public const int MaxPage = 200;

    /// <summary>Events shown of one message: far more than any message has.</summary>
    private const int MaxEvents = 1_000;

    /// <summary>Messages that one page looks through where the filter has no index.</summary>
    private const int MaxScanned = 20_000;

    private const int TimeoutSeconds = 5;

    private const string OneSql = $"""
        SELECT {MessageRow.Columns}, m.verdict, m.request, w.due_at, w.reason AS waiting_reason
        FROM messages m LEFT JOIN waiting w ON w.message_id = m.id
        WHERE m.id = @id AND m.tenant_id = @tenant
        """;

    private const string EventsSql = """
        SELECT version, kind, attempt, reason, code, at, provider_at, detail
        FROM message_events
        WHERE message_id = @id AND tenant_id = @tenant AND at >= @since
        ORDER BY version, at, seq
        LIMIT @limit
        """;

    /// <summary>The message with its timeline; null where this tenant has none of that id.</summary>
    public async Task<MessageView?> FindAsync(TenantId tenant, MessageId id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var parameters = new
        {
            id = id.Value,
            tenant = tenant.Value,
            // The id's clock is a node's, the event's is Postgres': an hour covers any difference and lets older partitions be skipped.
            since = id.AcceptedAt.UtcDateTime.AddHours(-1),
            limit = MaxEvents,
        };
        var row = (await connection.QueryAsync<MessageRow, Rest, (MessageRow Message, Rest More)>(
            new CommandDefinition(OneSql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellation),
            (message, rest) => (message, rest),
            splitOn: "verdict")).SingleOrDefault();
        if (row.Message is null)
        {
            return null;
        }

        var events = await connection.QueryAsync<EventRow>(
            new CommandDefinition(EventsSql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellation));
        return View(row.Message, row.More, events);
    }

    /// <summary>A page of messages, newest first.</summary>
    /// <param name="limit">1 to <see cref="MaxPage"/>.</param>
    /// <exception cref="FormatException">The cursor was not handed out, or not for this filter.</exception>
    public async Task<MessagePageView> PageAsync(TenantId tenant, MessageFilter filter, int limit, string? cursor, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Math.Clamp(limit, 1, MaxPage), limit);
        MessageId? below = null;
        if (cursor is not null)
        {
            below = MessageCursor.TryDecode(cursor, filter, out var id) ? id : throw new FormatException("The cursor was not handed out for this list.");
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<MessageRow, Scan, (MessageRow? Message, Scan Scan)>(
            new CommandDefinition(
                PageSql(filter, below),
                new
                {
                    tenant = tenant.Value,
                    below = below?.Value,
                    campaign = filter.CampaignId,
                    state = (short?)filter.State,
                    recipient = filter.Recipient?.Digits,
                    scanned = MaxScanned,
                    limit,
                },
                commandTimeout: TimeoutSeconds,
                cancellationToken: cancellation),
            (message, scan) => (message, scan),
            splitOn: "last_scanned")).ToList();

        var found = rows.Where(row => row.Message is not null).Select(row => row.Message!.ToView()).ToList();
        MessageId? next = found.Count == limit ? new MessageId(found[^1].Id)
            : rows is [var (_, scan), ..] && scan.Scanned == MaxScanned ? new MessageId(scan.Last_scanned!.Value)
            : null;
        return new MessagePageView(found, next is { } position ? MessageCursor.Encode(position, filter) : null);
    }

    /// <summary>
    /// Ids are walked down by (tenant, id), or by (recipient, id), and no further than a bound; what the filter lets through is joined
    /// to where the walk ended, so that an empty page still knows how to go on.
    /// </summary>
    private static string PageSql(MessageFilter filter, MessageId? below) => $"""
        WITH walked AS MATERIALIZED (
          SELECT id, state, campaign_id FROM messages
          WHERE tenant_id = @tenant
            {(filter.Recipient is null ? "" : "AND recipient = @recipient")}
            {(below is null ? "" : "AND id < @below")}
          ORDER BY id DESC LIMIT @scanned),
        scan AS (SELECT count(*)::int AS scanned, (SELECT id FROM walked ORDER BY id LIMIT 1) AS last_scanned FROM walked),
        hits AS (
          SELECT id FROM walked
          WHERE true
            {(filter.State is null ? "" : "AND state = @state")}
            {(filter.CampaignId is null ? "" : "AND campaign_id = @campaign")}
          ORDER BY id DESC LIMIT @limit)
        SELECT {MessageRow.Columns}, scan.last_scanned, scan.scanned
        FROM scan LEFT JOIN (hits JOIN messages m ON m.id = hits.id) ON true
        ORDER BY m.id DESC
        """;

    private static MessageView View(MessageRow message, Rest rest, IEnumerable<EventRow> events)
    {
        var request = rest.Request is null ? null : RequestRecord.Parser.ParseFrom(rest.Request);
        return new MessageView(message.ToView())
        {
            Body = request?.Body,
            CampaignName = MessageRow.NullIfEmpty(request?.CampaignName ?? ""),
            Metadata = request?.Metadata.ToDictionary() ?? [],
            SendAt = request?.SendAt?.ToDateTimeOffset(),
            ValidUntil = request?.ValidUntil?.ToDateTimeOffset(),
            RetryOf = request is not null && MessageId.TryRead(request.RetryOf.Span, out var retryOf) ? retryOf.Value : null,
            Verdict = MessageRow.Json(rest.Verdict),
            Waiting = rest.Due_at is { } dueAt ? new WaitingView(MessageRow.ReasonCode(rest.Waiting_reason ?? 0) ?? "", dueAt) : null,
            Timeline = [.. events.Select(e => e.ToView())],
        };
    }

    private sealed record Rest(string? Verdict, byte[]? Request, DateTime? Due_at, short? Waiting_reason);

    private sealed record Scan(Guid? Last_scanned, int Scanned);

    private sealed record EventRow(int Version, short Kind, short Attempt, short Reason, int Code, DateTime At, DateTime? Provider_at, string? Detail)
    {
        public TimelineEventView ToView() => new(
            Version,
            ((EventKind)Kind).Code(),
            At,
            Attempt,
            MessageRow.ReasonCode(Reason),
            Code == 0 ? null : Code,
            Provider_at,
            MessageRow.Json(Detail));
    }
}
