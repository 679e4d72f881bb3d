using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>The statements that write changes, as one round trip; each change is told what became of it.</summary>
internal static class RowWrites
{
    private const uint UuidOid = 2950;

    /// <summary>
    /// Writes changes, sorted by id, of rows as they were seen: within the transaction that the connection is in, else in one of their own.
    /// </summary>
    public static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<RowChange> sorted, ClaimBatch? claim)
    {
        var (inserts, updates) = Split(sorted);
        await using var batch = new NpgsqlBatch(connection);
        if (inserts.Any(change => change.Message!.IdempotencyKey is not null))
        {
            batch.BatchCommands.Add(ChangeParameters.TakeKeys(inserts));
        }

        if (updates.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne));
            batch.BatchCommands.Add(ChangeParameters.LockRows(LedgerSql.LockRows, [.. updates.Select(change => change.Id)]));
        }

        AddWrites(batch, inserts, updates, claim);
        AddLinks(batch, sorted);
        await RunAsync(batch, inserts, updates).ConfigureAwait(false);
    }

    /// <summary>Writes changes, sorted by id, of rows that the connection's transaction has locked, and commits it.</summary>
    public static async Task WriteLockedAndCommitAsync(NpgsqlConnection connection, IReadOnlyList<RowChange> sorted)
    {
        var (inserts, updates) = Split(sorted);
        await using var batch = new NpgsqlBatch(connection);
        AddWrites(batch, inserts, updates, claim: null);
        AddLinks(batch, sorted);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await RunAsync(batch, inserts, updates).ConfigureAwait(false);
    }

    private static (IReadOnlyList<RowChange> Inserts, IReadOnlyList<RowChange> Updates) Split(IReadOnlyList<RowChange> changes)
    {
        var inserts = changes.Count(change => change.IsInsert);
        return inserts == changes.Count ? (changes, [])
            : inserts == 0 ? ([], changes)
            : ([.. changes.Where(change => change.IsInsert)], [.. changes.Where(change => !change.IsInsert)]);
    }

    private static void AddWrites(NpgsqlBatch batch, IReadOnlyList<RowChange> inserts, IReadOnlyList<RowChange> updates, ClaimBatch? claim)
    {
        if (inserts.Count > 0)
        {
            if (updates.Count > 0)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.JoinAsUsual));
            }

            batch.BatchCommands.Add(ChangeParameters.Insert(inserts, inserts.Any(change => change.Message!.IdempotencyKey is not null), claim));
            if (updates.Count > 0)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne));
            }
        }

        if (updates.Count > 0)
        {
            batch.BatchCommands.Add(ChangeParameters.Update(updates, claim));
        }
    }

    private static void AddLinks(NpgsqlBatch batch, IReadOnlyList<RowChange> sorted)
    {
        if (ChangeParameters.KeepLinks(sorted) is { } links)
        {
            batch.BatchCommands.Add(links);
        }
    }

    private static async Task RunAsync(NpgsqlBatch batch, IReadOnlyList<RowChange> inserts, IReadOnlyList<RowChange> updates)
    {
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        var won = new HashSet<Guid>(updates.Count);
        var exceptions = new Dictionary<Guid, (bool Won, Guid? First, byte[]? FirstHash)>();
        do
        {
            if (reader.FieldCount == 0 || reader.GetDataTypeOID(0) != UuidOid)
            {
                continue;
            }

            while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (reader.FieldCount == 1)
                {
                    won.Add(reader.GetGuid(0));
                }
                else
                {
                    exceptions.Add(
                        reader.GetGuid(0),
                        (reader.GetBoolean(1), reader.IsDBNull(2) ? null : reader.GetGuid(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3)));
                }
            }
        }
        while (await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false));

        foreach (var change in updates)
        {
            change.Result = won.Contains(change.Id.Value)
                ? new EntryResult(change.Id, TransitionResult.Won, change.Row)
                : new EntryResult(change.Id, TransitionResult.Lost, default);
        }

        foreach (var change in inserts)
        {
            change.Result = exceptions.TryGetValue(change.Id.Value, out var exception)
                ? Judged(change, exception.First, exception.FirstHash)
                : new EntryResult(change.Id, TransitionResult.Won, change.Row);
        }
    }

    private static EntryResult Judged(RowChange change, Guid? first, byte[]? firstHash) => first is { } id && id != change.Id.Value
        ? new EntryResult(
            change.Id,
            TransitionResult.DuplicateOfFirst,
            new RowFacts(MessageState.Rejected, 1, 0, Reason.DuplicateOfFirst, 0),
            new MessageId(id),
            firstHash)
        : new EntryResult(change.Id, TransitionResult.Lost, default);
}
