using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Reporting.Ledger;

/// <summary>
/// The provider's own list of each account against the rows: each row with a sid is listed once, to its recipient, and each listed text that
/// one of our senders sent is bound to a row. A text that no row knows may be one of a message whose fate is unknown or uncertain, which the
/// ledger says openly: as many as there are such messages to that number are no fault.
/// </summary>
internal sealed class ListedTexts(ISmsProvider provider, ProviderDirectory directory)
{
    /// <summary>Pages of 1,000 texts of one account.</summary>
    private const int MaxPages = 20_000;

    private const string Table = """
        CREATE TEMP TABLE listed_texts (account_sid text NOT NULL, sid uuid NOT NULL, sid_kind "char" NOT NULL, recipient bigint NOT NULL,
          sender text NOT NULL, created_at timestamptz)
        """;

    private const string Copy = "COPY listed_texts (account_sid, sid, sid_kind, recipient, sender, created_at) FROM STDIN (FORMAT binary)";

    private const string NotListed = $"""
        SELECT 'provider' AS "Check", m.id::text AS "Subject", 'its sid ' || m.sid_kind::text || 'M' || replace(m.sid::text, '-', '') || ' is not in the provider''s list' AS "Detail"
        FROM messages m
        WHERE {LedgerChecks.Bounds} AND m.sid IS NOT NULL AND m.account_id = ANY(@accounts::uuid[]) AND coalesce(m.claimed_at, m.updated_at) < @listSettled
          AND NOT EXISTS (SELECT FROM listed_texts t WHERE t.sid = m.sid AND t.sid_kind = m.sid_kind)
        """;

    private const string OtherNumber = $"""
        SELECT 'provider' AS "Check", m.id::text AS "Subject", 'the provider lists its sid as a text to another number' AS "Detail"
        FROM messages m JOIN listed_texts t ON t.sid = m.sid AND t.sid_kind = m.sid_kind
        WHERE {LedgerChecks.Bounds} AND t.recipient <> m.recipient
        """;

    private const string ListedTwice = """
        SELECT 'provider' AS "Check", sid_kind::text || 'M' || replace(sid::text, '-', '') AS "Subject", 'is in the provider''s list ' || count(*) || ' times' AS "Detail"
        FROM listed_texts GROUP BY account_sid, sid, sid_kind HAVING count(*) > 1
        """;

    private const string Unbound = """
        unbound AS (
          SELECT t.*, row_number() OVER (PARTITION BY t.account_sid, t.recipient ORDER BY t.created_at, t.sid) AS place,
            (SELECT count(*) FROM messages o JOIN provider_accounts a ON a.id = o.account_id
             WHERE o.recipient = t.recipient AND a.account_sid = t.account_sid AND o.sid IS NULL AND o.state IN (3, 4, 13)) AS open
          FROM listed_texts t
          WHERE t.created_at >= @from AND t.created_at < least(@to, @listSettled) AND t.sender IN (SELECT address FROM senders)
            AND NOT EXISTS (SELECT FROM messages m WHERE m.sid = t.sid AND m.sid_kind = t.sid_kind)
        )
        """;

    private const string NoRow = $"""
        WITH {Unbound}
        SELECT 'provider' AS "Check", sid_kind::text || 'M' || replace(sid::text, '-', '') AS "Subject",
          'the provider sent it at ' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' for account ' || account_sid || ', and no row has it' AS "Detail"
        FROM unbound WHERE place > open
        """;

    private const string Unresolved = $"WITH {Unbound} SELECT count(*) FROM unbound WHERE place <= open";

    private readonly List<Guid> _accounts = [];
    private readonly List<string> _silent = [];
    private DateTime _settled;
    private long _texts;

    /// <summary>Before the snapshot: what the provider lists by then is in the rows after it.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, LedgerScope scope, DateTime settled, CancellationToken cancellation)
    {
        _settled = settled;
        await using (var create = new NpgsqlCommand(Table, connection))
        {
            await create.ExecuteNonQueryAsync(cancellation);
        }

        var snapshot = await directory.RefreshAsync(cancellation);
        await AddUnusableAsync(connection, scope, snapshot, cancellation);
        var accounts = snapshot.Accounts.Select(entry => entry.Account).Where(account => scope.Tenant is null || account.Tenant.Value == scope.Tenant);
        foreach (var shared in accounts.GroupBy(account => (account.AccountSid, account.BaseAddress)))
        {
            // From an hour before: the provider's clock is not ours.
            var whole = await provider.ListOutboundAsync(
                shared.First(), scope.Start.AddHours(-1), MaxPages, (page, token) => CopyAsync(connection, shared.Key.AccountSid, page, token), cancellation);
            if (whole)
            {
                _accounts.AddRange(shared.Select(account => account.Id));
            }
            else
            {
                _silent.Add(shared.Key.AccountSid);
            }
        }

        await using var analyze = new NpgsqlCommand("CREATE INDEX ON listed_texts (sid); ANALYZE listed_texts", connection);
        await analyze.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<LedgerSource> CheckAsync(LedgerSnapshot snapshot, CancellationToken cancellation)
    {
        var more = new { listSettled = _settled, accounts = _accounts.ToArray() };
        foreach (var check in new[] { NotListed, OtherNumber, ListedTwice, NoRow })
        {
            await snapshot.CheckAsync(check, cancellation, more);
        }

        var unresolved = (await snapshot.RowsAsync<long>(Unresolved, cancellation, more))[0];
        var note = string.Create(CultureInfo.InvariantCulture, $"{_accounts.Count} accounts compared")
            + (_silent.Count > 0 ? $"; not compared: {string.Join(", ", _silent)}" : "")
            + (unresolved > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {unresolved} listed texts may be of messages whose fate is unknown or uncertain") : "");
        return new LedgerSource("provider", _silent.Count == 0, _texts, note);
    }

    /// <summary>Accounts whose secret does not open here can't be asked.</summary>
    private async Task AddUnusableAsync(NpgsqlConnection connection, LedgerScope scope, ProviderSnapshot snapshot, CancellationToken cancellation)
    {
        await using var all = new NpgsqlCommand("SELECT id, account_sid FROM provider_accounts WHERE $1::uuid IS NULL OR tenant_id = $1", connection);
        all.Parameters.Add(new NpgsqlParameter { Value = (object?)scope.Tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var rows = await all.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            if (snapshot.Account(rows.GetGuid(0)) is null)
            {
                _silent.Add(rows.GetString(1));
            }
        }
    }

    private async Task CopyAsync(NpgsqlConnection connection, string accountSid, IReadOnlyList<ProviderMessage> page, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(Copy, cancellation);
        foreach (var text in page)
        {
            _texts++;
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(accountSid, NpgsqlDbType.Text, cancellation);
            await copy.WriteAsync(text.Sid.Value, NpgsqlDbType.Uuid, cancellation);
            await copy.WriteAsync((byte)text.Sid.Kind, NpgsqlDbType.InternalChar, cancellation);
            await copy.WriteAsync(PhoneNumber.TryParseE164(text.To, out var number) ? number.Digits : 0, NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync(text.From, NpgsqlDbType.Text, cancellation);
            await (text.CreatedAt is { } at ? copy.WriteAsync(at.UtcDateTime, NpgsqlDbType.TimestampTz, cancellation) : copy.WriteNullAsync(cancellation));
        }

        await copy.CompleteAsync(cancellation);
    }
}
