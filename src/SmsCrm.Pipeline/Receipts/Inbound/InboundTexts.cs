using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>
/// Keeps inbound texts under the provider's sid. A keyword acts in the transaction whose insert inserted, and in no other, so that a text
/// that is delivered again or late does nothing twice.
/// </summary>
internal sealed class InboundTexts(NpgsqlDataSource database, TimeProvider clock)
{
    // What it answers: the last text from that sender to that number before it. An id is of when a text was accepted, claimed_at of when it
    // went out, hence the few newest. The provider's times are whole seconds.
    private const string InsertSql = """
        INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, keyword, found_by, provider_at, reply_to, reply_campaign,
          media_count, media_types, media_urls)
        SELECT $1, $2::"char", $3, $4, $5, $6, $7, $8, $9, $10, answered.id, coalesce(answered.campaign_id, ''), $11, $12, $13
        FROM (SELECT 1) AS one LEFT JOIN LATERAL (
          SELECT recent.id, recent.campaign_id
          FROM (
            SELECT id, campaign_id, claimed_at FROM messages
            WHERE recipient = $5 AND tenant_id = $3 AND id >= uuid7_floor(now() - interval '30 days')
              AND state IN (3, 4, 5, 6, 7, 8, 9, 13) AND sender_id IN (SELECT id FROM senders WHERE tenant_id = $3 AND address = $6)
            ORDER BY id DESC LIMIT 50
          ) AS recent
          WHERE recent.claimed_at <= coalesce($10, now()) + interval '1 second'
          ORDER BY recent.claimed_at DESC, recent.id DESC LIMIT 1
        ) AS answered ON true
        ON CONFLICT DO NOTHING
        """;

    private const string ReviewSql = """
        INSERT INTO inbound_reviews (id, tenant_id, number, sid, sid_kind, to_address, body, consent_id)
        SELECT $1, $2, $3, $4, $5::"char", $6, $7, max(id) FROM consent_records WHERE tenant_id = $2 AND number = $3 AND kind = 'suppressed'
        """;

    /// <summary>Throws Npgsql's exceptions; then nothing is known, and the same call may be made again.</summary>
    /// <returns>When what it did may be acknowledged; it is the same whether it did it now or found it done.</returns>
    public async Task<Acknowledgement> KeepAsync(TenantId tenant, InboundText text, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        if (await InsertAsync(connection, tenant, text).ConfigureAwait(false))
        {
            await ActAsync(connection, tenant, text).ConfigureAwait(false);
        }

        // A commit is never cancelled: its fate would be unknown.
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return Acknowledgement.AfterCommit(clock);
    }

    private async Task ActAsync(NpgsqlConnection connection, TenantId tenant, InboundText text)
    {
        var change = RecipientChange.ByText(text.Body);
        switch (text)
        {
            case { Keyword: Keyword.Stop }:
                await SuppressionList.SuppressAsync(connection, tenant, text.From, change, text.CreatedAt).ConfigureAwait(false);
                break;
            case { Keyword: Keyword.Review }:
                // The suppression's lock on the recipient is held: the newest evidence is its own.
                await SuppressionList.SuppressAsync(connection, tenant, text.From, change, text.CreatedAt).ConfigureAwait(false);
                await PutForReviewAsync(connection, tenant, text).ConfigureAwait(false);
                break;
            case { Keyword: Keyword.Start, CreatedAt: { } created }:
                await SuppressionList.LiftAsync(connection, tenant, text.From, created, change).ConfigureAwait(false);
                break;
        }
    }

    private async Task PutForReviewAsync(NpgsqlConnection connection, TenantId tenant, InboundText text)
    {
        await using var command = new NpgsqlCommand(ReviewSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7(clock.GetUtcNow()) },
                new NpgsqlParameter<Guid> { TypedValue = tenant.Value },
                new NpgsqlParameter<long> { TypedValue = text.From.Digits },
                new NpgsqlParameter<Guid> { TypedValue = text.Sid.Value },
                new NpgsqlParameter<string> { TypedValue = text.Sid.Kind.ToString() },
                new NpgsqlParameter<string> { TypedValue = text.To },
                new NpgsqlParameter<string> { TypedValue = ForeignText.Storable(text.Body) },
            },
        };
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<bool> InsertAsync(NpgsqlConnection connection, TenantId tenant, InboundText text)
    {
        await using var command = new NpgsqlCommand(InsertSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = text.Sid.Value },
                new NpgsqlParameter<string> { TypedValue = text.Sid.Kind.ToString() },
                new NpgsqlParameter<Guid> { TypedValue = tenant.Value },
                new NpgsqlParameter<Guid> { TypedValue = text.AccountId },
                new NpgsqlParameter<long> { TypedValue = text.From.Digits },
                new NpgsqlParameter<string> { TypedValue = text.To },
                new NpgsqlParameter<string> { TypedValue = ForeignText.Storable(text.Body) },
                new NpgsqlParameter<short> { TypedValue = (short)text.Keyword },
                new NpgsqlParameter<short> { TypedValue = (short)text.FoundBy },
                new NpgsqlParameter { Value = text.CreatedAt?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new NpgsqlParameter<short> { TypedValue = text.MediaCount },
                new NpgsqlParameter<string[]> { TypedValue = [.. text.Media.Select(static media => media.ContentType)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. text.Media.Select(static media => media.Url)] },
            },
        };
        return await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false) == 1;
    }
}
