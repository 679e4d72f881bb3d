using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;

namespace SmsCrm.Reporting.Conversations;

/// <summary>Reads what a tenant and its recipients wrote to one another. Another tenant's texts are not there.</summary>
public sealed class ConversationQueries(NpgsqlDataSource database)
{
    public const int MaxPage = 200;

    private const int TimeoutSeconds = 5;

    // Handed to the provider, in the states in which a reply may answer it: replies are linked by the same time (Receipts/Inbound).
    private const string IsSent = "m.state IN (3, 4, 5, 6, 7, 8, 9, 13) AND m.claimed_at IS NOT NULL";

    // A message's place: when it was handed over, else when it was accepted. No index has that order, so there is a bound on how far the two may lie
    // apart: what waited for longer than 40 days (send_at is up to 35 days ahead) stands where it would stand after these.
    private const string Place = $"CASE WHEN {IsSent} THEN least(m.claimed_at, uuid7_time(m.id) + interval '40 days') ELSE uuid7_time(m.id) END";

    // An id is of when a text was accepted, by a clock that may be a little ahead of Postgres'; it is handed over after that.
    private const string BelowCursor = $"""
        m.recipient = @number AND m.tenant_id = @tenant AND m.id < uuid7_floor(@messageAt + interval '1 minute')
          AND ({Place}, m.id) < (@messageAt, @messageBelow)
        """;

    // Each side walks its own index down from the cursor; of the two heads the newest are the page. Of messages the index has the order of acceptance:
    // the first ones that it gives say below what time none of the page's can lie.
    internal const string OneSql = $"""
        WITH walked AS (
          SELECT min(place) AS lowest FROM (SELECT {Place} AS place FROM messages m WHERE {BelowCursor} ORDER BY m.id DESC LIMIT @limit) AS first
        )
        SELECT * FROM (
          (SELECT true AS IsOutbound, m.id AS Id, ''::text AS SidKind, {Place} AS Place, CASE WHEN {IsSent} THEN m.claimed_at END AS SentAt,
             (SELECT s.address FROM senders s WHERE s.id = m.sender_id AND s.tenant_id = m.tenant_id) AS Address,
             NULL::text AS Body, m.request AS Request, m.state AS State, 0::smallint AS Keyword, NULL::uuid AS ReplyTo, m.campaign_id AS CampaignId,
             0::smallint AS MediaCount, NULL::text[] AS MediaTypes, NULL::text[] AS MediaUrls
           FROM messages m WHERE {BelowCursor} AND m.id >= uuid7_floor((SELECT lowest FROM walked) - interval '41 days')
           ORDER BY Place DESC, Id DESC LIMIT @limit)
          UNION ALL
          (SELECT false, t.sid, t.sid_kind::text, t.received_at, NULL::timestamptz, t.to_address, t.body, NULL::bytea, 0::smallint, t.keyword, t.reply_to, t.reply_campaign,
             t.media_count, t.media_types, t.media_urls
           FROM inbound_texts t WHERE t.tenant_id = @tenant AND t.number = @number AND (t.received_at, t.sid) < (@textAt, @textBelow)
           ORDER BY t.received_at DESC, t.sid DESC LIMIT @limit)
        ) texts
        ORDER BY Place DESC, IsOutbound, Id DESC
        LIMIT @limit
        """;

    private const string SuppressedSql = """
        SELECT EXISTS (SELECT FROM recipients WHERE tenant_id = @tenant AND number = @number AND (lifted_at IS NULL OR lifted_at < suppressed_at) AND suppressed_at IS NOT NULL)
        """;

    // A recipient's newest text says when he comes; older ones below the cursor are passed over.
    private const string ListSql = """
        WITH walked AS (
          SELECT sid, number, received_at, body, keyword, reply_campaign, media_count FROM inbound_texts
          WHERE tenant_id = @tenant AND (received_at, sid) < (@textAt, @textBelow)
          ORDER BY received_at DESC, sid DESC LIMIT @limit
        )
        SELECT w.sid AS Id, w.number AS Number, w.received_at AS At, w.body AS Body, w.keyword AS Keyword, w.reply_campaign AS CampaignId, w.media_count AS MediaCount,
          NOT EXISTS (SELECT FROM inbound_texts n WHERE n.tenant_id = @tenant AND n.number = w.number AND (n.received_at, n.sid) > (w.received_at, w.sid)) AS IsNewest
        FROM walked w ORDER BY w.received_at DESC, w.sid DESC
        """;

    /// <summary>What was written from and to a number, newest first.</summary>
    /// <param name="limit">1 to <see cref="MaxPage"/>.</param>
    /// <param name="after">Null: from the newest on.</param>
    public async Task<ConversationView> OfAsync(TenantId tenant, PhoneNumber number, int limit, ConversationCursor? after, CancellationToken cancellation)
    {
        var from = after ?? ConversationCursor.Top(number.Digits);
        var values = new
        {
            tenant = tenant.Value,
            number = number.Digits,
            messageAt = from.MessageAt,
            messageBelow = from.MessageBelow,
            textAt = from.TextAt,
            textBelow = from.TextBelow,
            limit,
        };
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(OneSql, values, commandTimeout: TimeoutSeconds, cancellationToken: cancellation))).AsList();
        var suppressed = await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(SuppressedSql, values, commandTimeout: TimeoutSeconds, cancellationToken: cancellation));
        foreach (var row in rows)
        {
            from = row.IsOutbound
                ? new ConversationCursor(from.Subject, row.Place, row.Id, from.TextAt, from.TextBelow)
                : new ConversationCursor(from.Subject, from.MessageAt, from.MessageBelow, row.Place, row.Id);
        }

        return new ConversationView(
            number.ToString(), suppressed, [.. rows.Select(row => row.ToView(number.ToString()))], rows.Count == limit ? from.ToString() : null);
    }

    /// <summary>Who wrote, the newest first.</summary>
    /// <param name="limit">Texts that the page looks through, 1 to <see cref="MaxPage"/>.</param>
    public async Task<ConversationPageView> ListAsync(TenantId tenant, int limit, ConversationCursor? after, CancellationToken cancellation)
    {
        var from = after ?? ConversationCursor.Top(0);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<ListRow>(new CommandDefinition(
            ListSql,
            new { tenant = tenant.Value, textAt = from.TextAt, textBelow = from.TextBelow, limit },
            commandTimeout: TimeoutSeconds,
            cancellationToken: cancellation))).AsList();
        var next = rows.Count == limit ? new ConversationCursor(0, from.MessageAt, from.MessageBelow, rows[^1].At, rows[^1].Id).ToString() : null;
        return new ConversationPageView([.. rows.Where(row => row.IsNewest).Select(row => row.ToView())], next);
    }

    private static string? KeywordCode(short keyword) => keyword switch
    {
        1 => "stop",
        2 => "help",
        3 => "start",
        4 => "review",
        _ => null,
    };

    private sealed class Row
    {
        public bool IsOutbound { get; init; }

        public Guid Id { get; init; }

        public string SidKind { get; init; } = "";

        public DateTime Place { get; init; }

        public DateTime? SentAt { get; init; }

        public string? Address { get; init; }

        public string? Body { get; init; }

        public byte[]? Request { get; init; }

        public short State { get; init; }

        public short Keyword { get; init; }

        public Guid? ReplyTo { get; init; }

        public string CampaignId { get; init; } = "";

        public short MediaCount { get; init; }

        public string[]? MediaTypes { get; init; }

        public string[]? MediaUrls { get; init; }

        public ConversationTextView ToView(string number) => IsOutbound ? ToOutbound(new MessageId(Id), number) : ToInbound(number);

        private ConversationTextView ToOutbound(MessageId id, string number) => new(
            "outbound", id.ToString(), SentAt ?? id.AcceptedAt, id.AcceptedAt, SentAt, Address, number, MessageRow.RequestOf(Request)?.Body,
            ((MessageState)State).Code(), null, null, MessageRow.NullIfEmpty(CampaignId));

        private ConversationTextView ToInbound(string number) => new(
            "inbound", new ProviderSid(SidKind[0], Id).ToString(), Place, null, null, number, Address, Body, null, KeywordCode(Keyword), ReplyTo,
            MessageRow.NullIfEmpty(CampaignId))
        {
            MediaCount = MediaCount == 0 ? null : MediaCount,
            Media = MediaTypes is { Length: > 0 } types ? [.. types.Zip(MediaUrls!, MediaOf)] : null,
        };

        private static ConversationMediaView MediaOf(string type, string url) => new(MessageRow.NullIfEmpty(type), MessageRow.NullIfEmpty(url));
    }

    private sealed class ListRow
    {
        public Guid Id { get; init; }

        public long Number { get; init; }

        public DateTime At { get; init; }

        public string Body { get; init; } = "";

        public short Keyword { get; init; }

        public string CampaignId { get; init; } = "";

        public short MediaCount { get; init; }

        public bool IsNewest { get; init; }

        public ConversationSummaryView ToView() => new(new PhoneNumber(Number).ToString(), At, Body, KeywordCode(Keyword), MessageRow.NullIfEmpty(CampaignId))
        {
            MediaCount = MediaCount == 0 ? null : MediaCount,
        };
    }
}
