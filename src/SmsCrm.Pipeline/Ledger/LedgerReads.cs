using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

internal sealed class LedgerReads(NpgsqlDataSource postgres) : ILedgerReads
{
    private const int MostIds = 10_000;

    // Instants are handed out whole: a mark says nothing about batches of its own instant that a limit cut off.
    private const string ClaimsSql =
        """
        SELECT at, batch, worker, message_ids FROM claims
        WHERE at > (SELECT at FROM reconciler_marks WHERE visit = $1) AND at <= now() - $2
        ORDER BY at FETCH FIRST $3 ROWS WITH TIES
        """;

    private const string RowsSql =
        """
        SELECT id, tenant_id, recipient, state, version, attempt, reason, code, sid_kind::text, sid, account_id, sender_id, updated_at, seen
        FROM messages WHERE id = ANY($1) AND id BETWEEN $3 AND $4 AND state = ANY($2) ORDER BY id
        """;

    public async Task<IReadOnlyList<ClaimedBatch>> ReadClaimsAsync(
        ReconcilerVisit visit, TimeSpan age, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        await using var command = postgres.CreateCommand(ClaimsSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NameOf(visit) });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = age });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var batches = new List<ClaimedBatch>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            batches.Add(new ClaimedBatch(
                Time(reader, 0),
                reader.GetGuid(1),
                reader.GetGuid(2),
                [.. reader.GetFieldValue<Guid[]>(3).Select(id => new MessageId(id))]));
        }

        return batches;
    }

    public async Task MarkVisitedAsync(ReconcilerVisit visit, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("UPDATE reconciler_marks SET at = greatest(at, $2) WHERE visit = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NameOf(visit) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<LedgerRow>> ReadRowsInAsync(
        IReadOnlyCollection<MessageId> ids, IReadOnlyCollection<MessageState> states, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, MostIds);
        if (ids.Count == 0)
        {
            return [];
        }

        await using var command = postgres.CreateCommand(RowsSql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Select(id => id.Value)] });
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. states.Select(state => (short)state)] });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ids.Min().Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ids.Max().Value });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<LedgerRow>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(ReadRow(reader));
        }

        return rows;
    }

    public async Task<MessageId> ReadFloorAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("SELECT floor FROM ledger_floor");
        return new MessageId((Guid)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!);
    }

    private static LedgerRow ReadRow(NpgsqlDataReader reader) => new(
        new MessageId(reader.GetGuid(0)),
        new TenantId(reader.GetGuid(1)),
        new PhoneNumber(reader.GetInt64(2)),
        new RowFacts((MessageState)reader.GetInt16(3), reader.GetInt32(4), reader.GetInt16(5), (Reason)reader.GetInt16(6), reader.GetInt32(7), RowChange.IsByEvidence(reader.GetInt32(13))),
        reader.IsDBNull(9) ? null : new ProviderSid(reader.GetString(8)[0], reader.GetGuid(9)),
        reader.IsDBNull(10) ? null : reader.GetGuid(10),
        reader.IsDBNull(11) ? null : reader.GetGuid(11),
        Time(reader, 12));

    private static string NameOf(ReconcilerVisit visit) => visit switch
    {
        ReconcilerVisit.Unfinished => "unfinished",
        ReconcilerVisit.Unresolved => "unresolved",
        ReconcilerVisit.Unheard => "unheard",
        ReconcilerVisit.Evidence => "evidence",
    };

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);
}
