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

    // Each side walks its own index down from the cursor; of the two heads the newest are the page. A message's time is its id's.
    private const string OneSql = """
        SELECT * FROM (
          (SELECT true AS IsOutbound, m.id AS Id, ''::text AS SidKind, uuid7_time(m.id) AS At,
             (SELECT s.address FROM senders s WHERE s.id = m.sender_id AND s.tenant_id = m.tenant_id) AS Address,
             NULL::text AS Body, m.request AS Request, m.state AS State, 0::smallint AS Keyword, NULL::uuid AS ReplyTo, m.campaign_id AS CampaignId
           FROM messages m WHERE m.recipient = @number AND m.tenant_id = @tenant AND m.id < @messageBelow
           ORDER BY m.id DESC LIMIT @limit)
          UNION ALL
          (SELECT false, t.sid, t.sid_kind::text, t.received_at, t.to_address, t.body, NULL::bytea, 0::smallint, t.keyword, t.reply_to, t.reply_campaign
           FROM inbound_texts t WHERE t.tenant_id = @tenant AND t.number = @number AND (t.received_at, t.sid) < (@textAt, @textBelow)
           ORDER BY t.received_at DESC, t.sid DESC LIMIT @limit)
        ) texts
        ORDER BY At DESC, IsOutbound, Id DESC
        LIMIT @limit
        """;

    private const string SuppressedSql = """
        SELECT EXISTS (SELECT FROM recipients WHERE tenant_id = @tenant AND number = @number AND (lifted_at IS NULL OR lifted_at < suppressed_at) AND suppressed_at IS NOT NULL)
        """;

    // A recipient's newest text says when he comes; older ones below the cursor are passed over.
    private const string ListSql = """
        WITH walked AS (
          SELECT sid, number, received_at, body, keyword, reply_campaign FROM inbound_texts
          WHERE tenant_id = @tenant AND (received_at, sid) < (@textAt, @textBelow)
          ORDER BY received_at DESC, sid DESC LIMIT @limit
        )
        SELECT w.sid AS Id, w.number AS Number, w.received_at AS At, w.body AS Body, w.keyword AS Keyword, w.reply_campaign AS CampaignId,
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
                ? new ConversationCursor(from.Subject, row.Id, from.TextAt, from.TextBelow)
                : new ConversationCursor(from.Subject, from.MessageBelow, row.At, row.Id);
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
        var next = rows.Count == limit ? new ConversationCursor(0, Guid.AllBitsSet, rows[^1].At, rows[^1].Id).ToString() : null;
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

        public DateTime At { get; init; }

        public string? Address { get; init; }

        public string? Body { get; init; }

        public byte[]? Request { get; init; }

        public short State { get; init; }

        public short Keyword { get; init; }

        public Guid? ReplyTo { get; init; }

        public string CampaignId { get; init; } = "";

        public ConversationTextView ToView(string number) => IsOutbound
            ? new("outbound", new MessageId(Id).ToString(), At, Address, number, MessageRow.RequestOf(Request)?.Body, ((MessageState)State).Code(), null, null, MessageRow.NullIfEmpty(CampaignId))
            : new("inbound", new ProviderSid(SidKind[0], Id).ToString(), At, number, Address, Body, null, KeywordCode(Keyword), ReplyTo, MessageRow.NullIfEmpty(CampaignId));
    }

    private sealed class ListRow
    {
        public Guid Id { get; init; }

        public long Number { get; init; }

        public DateTime At { get; init; }

        public string Body { get; init; } = "";

        public short Keyword { get; init; }

        public string CampaignId { get; init; } = "";

        public bool IsNewest { get; init; }

        public ConversationSummaryView ToView() => new(new PhoneNumber(Number).ToString(), At, Body, KeywordCode(Keyword), MessageRow.NullIfEmpty(CampaignId));
    }
}
