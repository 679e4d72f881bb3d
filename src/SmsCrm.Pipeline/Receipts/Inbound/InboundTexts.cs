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
    private const string InsertSql = """
        INSERT INTO inbound_texts (sid, sid_kind, tenant_id, account_id, number, to_address, body, keyword, found_by, provider_at)
        VALUES ($1, $2::"char", $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT DO NOTHING
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

    private static async Task ActAsync(NpgsqlConnection connection, TenantId tenant, InboundText text)
    {
        var change = RecipientChange.ByText(text.Body);
        switch (text)
        {
            case { Keyword: Keyword.Stop or Keyword.Review }:
                await SuppressionList.SuppressAsync(connection, tenant, text.From, change).ConfigureAwait(false);
                break;
            case { Keyword: Keyword.Start, CreatedAt: { } created }:
                await SuppressionList.LiftAsync(connection, tenant, text.From, created, change).ConfigureAwait(false);
                break;
        }
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

                // Postgres keeps no U+0000 in texts; nothing that anybody means has one.
                new NpgsqlParameter<string> { TypedValue = text.Body.Replace("\0", "", StringComparison.Ordinal) },
                new NpgsqlParameter<short> { TypedValue = (short)text.Keyword },
                new NpgsqlParameter<short> { TypedValue = (short)text.FoundBy },
                new NpgsqlParameter { Value = text.CreatedAt?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
        return await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false) == 1;
    }
}
