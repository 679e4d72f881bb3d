using Dapper;
using Npgsql;
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
        SELECT {MessageRow.Columns}, m.verdict, m.request, w.due_at AS DueAt, w.reason AS WaitingReason
        FROM messages m LEFT JOIN waiting w ON w.message_id = m.id
        WHERE m.id = @id AND m.tenant_id = @tenant
        """;

    private const string EventsSql = """
        SELECT version, kind, attempt, reason, code, at, provider_at AS ProviderAt, detail
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
        var row = await connection.QuerySingleOrDefaultAsync<DetailRow>(
            new CommandDefinition(OneSql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellation));
        if (row is null)
        {
            return null;
        }

        var events = await connection.QueryAsync<EventRow>(
            new CommandDefinition(EventsSql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellation));
        return View(row, events) with { Clicks = await MessageClicks.ReadAsync(connection, tenant, id, cancellation) };
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
        var rows = (await connection.QueryAsync<PageRow>(new CommandDefinition(
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
            cancellationToken: cancellation))).AsList();
        var found = rows.Where(row => row.IsHit).Select(row => row.ToView()).ToList();
        MessageId? next = found.Count == limit ? new MessageId(found[^1].Id)
            : rows is [{ Scanned: MaxScanned, LastScanned: { } last }, ..] ? new MessageId(last)
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
        SELECT {MessageRow.Columns}, m.id IS NOT NULL AS IsHit, scan.last_scanned AS LastScanned, scan.scanned
        FROM scan LEFT JOIN (hits JOIN messages m ON m.id = hits.id) ON true
        ORDER BY m.id DESC
        """;

    private static MessageView View(DetailRow row, IEnumerable<EventRow> events)
    {
        var request = MessageRow.RequestOf(row.Request);
        return new MessageView(row.ToView())
        {
            Body = request?.Body,
            CampaignName = MessageRow.NullIfEmpty(request?.CampaignName ?? ""),
            Metadata = request?.Metadata.ToDictionary() ?? [],
            SendAt = request?.SendAt?.ToDateTimeOffset(),
            ValidUntil = request?.ValidUntil?.ToDateTimeOffset(),
            RetryOf = request is not null && MessageId.TryRead(request.RetryOf.Span, out var retryOf) ? retryOf.Value : null,
            Verdict = MessageRow.Json(row.Verdict),
            Waiting = row.DueAt is { } dueAt ? new WaitingView(MessageRow.ReasonCode(row.WaitingReason ?? 0) ?? "", dueAt) : null,
            Timeline = [.. events.Select(e => e.ToView())],
        };
    }

    private sealed class DetailRow : MessageRow
    {
        public string? Verdict { get; init; }

        public byte[]? Request { get; init; }

        public DateTime? DueAt { get; init; }

        public short? WaitingReason { get; init; }
    }

    /// <summary>A hit, with how far the walk came; a page without hits is one row that is none.</summary>
    private sealed class PageRow : MessageRow
    {
        public bool IsHit { get; init; }

        public Guid? LastScanned { get; init; }

        public int Scanned { get; init; }
    }

    private sealed class EventRow
    {
        public int Version { get; init; }

        public short Kind { get; init; }

        public short Attempt { get; init; }

        public short Reason { get; init; }

        public int Code { get; init; }

        public DateTime At { get; init; }

        public DateTime? ProviderAt { get; init; }

        public string? Detail { get; init; }

        public TimelineEventView ToView()
        {
            var detail = MessageRow.Json(Detail);
            return new TimelineEventView(
                Version,
                ((EventKind)Kind).Code(),
                At,
                Attempt,
                MessageRow.ReasonCode(Reason),
                Code == 0 ? null : Code,
                ProviderAt,
                Sentences.Of((EventKind)Kind, (Reason)Reason, detail),
                detail);
        }
    }
}
