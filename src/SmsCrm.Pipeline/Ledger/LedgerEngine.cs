using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>A row as the provider's word is folded into it.</summary>
internal sealed record LockedRow(MessageId Id, TenantId Tenant, RowFacts Facts, int SeenBits, ProviderSid? Sid);

/// <summary>Decides about some ids, on the rows as they are now, locked.</summary>
/// <param name="ids">These and no others: a batch may be halved.</param>
/// <param name="rows">By id; an id without a row is absent.</param>
/// <param name="toldTwice">The details of what the timelines say of other sids, where they were asked for.</param>
internal delegate IReadOnlyList<RowChange> Decide(
    IReadOnlyList<MessageId> ids, IReadOnlyDictionary<MessageId, LockedRow> rows, ILookup<MessageId, string> toldTwice);

/// <summary>
/// Writes batches of changes, each batch one transaction. A statement that was sent is never cancelled: whoever gives up waiting for a
/// COMMIT does not know its fate. So the caller's token is heard before a batch and never within.
/// </summary>
internal sealed class LedgerEngine(NpgsqlDataSource postgres, LedgerMetrics metrics, TimeProvider clock)
{
    private const int TriesInTheWay = 6;
    private const uint UuidOid = 2950;

    /// <summary>As <see cref="ApplyAsync(IReadOnlyList{RowChange}, ClaimBatch?, CancellationToken)"/>, in the caller's way: tried again, halved, results set.</summary>
    public Task ApplyAsync(IReadOnlyList<RowChange> changes, Func<IReadOnlyList<RowChange>, Task> apply, CancellationToken cancellation) =>
        HalvingAsync(Sorted(changes), apply, cancellation);

    /// <summary>Writes changes, sorted by id, within a transaction that the connection is in; results are set on them.</summary>
    public static async Task WriteWithinAsync(NpgsqlConnection connection, IReadOnlyList<RowChange> sorted, ClaimBatch? claim)
    {
        await using var batch = new NpgsqlBatch(connection);
        var (inserts, updates) = AddAll(batch, sorted, claim);
        await WriteAsync(batch, inserts, updates).ConfigureAwait(false);
    }

    /// <summary>One round trip, COMMIT included: changes of rows as they were seen. Results are set on the changes.</summary>
    public Task ApplyAsync(IReadOnlyList<RowChange> changes, ClaimBatch? claim, CancellationToken cancellation) =>
        HalvingAsync(Sorted(changes), part => ApplyOnceAsync(part, claim), cancellation);

    /// <summary>
    /// Two round trips in one transaction: locks the rows, lets <paramref name="decide"/> fold what it then sees, writes what it says.
    /// The rows are locked until the end, so only an insert can still be lost.
    /// </summary>
    public async Task<IReadOnlyList<RowChange>> DecideLockedAsync(
        IReadOnlyCollection<MessageId> ids,
        Decide decide,
        Func<LockedRow, bool>? asksToldTwice,
        CancellationToken cancellation)
    {
        var changes = new List<RowChange>(ids.Count);
        await DecideHalvingAsync(ids.Distinct().Order().ToArray(), decide, asksToldTwice, changes, cancellation).ConfigureAwait(false);
        return changes;
    }

    private static RowChange[] Sorted(IReadOnlyList<RowChange> changes) => [.. changes.OrderBy(change => change.Id)];

    /// <summary>Runs a batch; one that an entry makes fail is halved until that entry stands alone, then tried without its free text.</summary>
    private async Task HalvingAsync(ArraySegment<RowChange> changes, Func<IReadOnlyList<RowChange>, Task> apply, CancellationToken cancellation)
    {
        if (changes.Count == 0)
        {
            return;
        }

        for (var tries = 1; ; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                await apply(changes).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.InTheWay && tries < TriesInTheWay)
            {
                await PauseAsync(tries, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry)
            {
                if (changes.Count > 1)
                {
                    metrics.Halved();
                    var half = changes.Count / 2;
                    await HalvingAsync(changes[..half], apply, cancellation).ConfigureAwait(false);
                    await HalvingAsync(changes[half..], apply, cancellation).ConfigureAwait(false);
                    return;
                }

                if (!changes[0].HasFreeText)
                {
                    changes[0].Result = new EntryResult(changes[0].Id, TransitionResult.Unusable, default, Error: BatchFaults.Sentence(e));
                    return;
                }

                changes[0].LeaveOutFreeText();
            }
        }
    }

    private async Task DecideHalvingAsync(
        ArraySegment<MessageId> ids,
        Decide decide,
        Func<LockedRow, bool>? asksToldTwice,
        List<RowChange> written,
        CancellationToken cancellation)
    {
        for (var tries = 1; ids.Count > 0; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<RowChange> changes = [];
            try
            {
                await DecideOnceAsync(ids, (part, rows, twice) => changes = decide(part, rows, twice), asksToldTwice).ConfigureAwait(false);
                written.AddRange(changes);
                return;
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.InTheWay && tries < TriesInTheWay)
            {
                await PauseAsync(tries, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry && ids.Count > 1)
            {
                metrics.Halved();
                var half = ids.Count / 2;
                await DecideHalvingAsync(ids[..half], decide, asksToldTwice, written, cancellation).ConfigureAwait(false);
                await DecideHalvingAsync(ids[half..], decide, asksToldTwice, written, cancellation).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry && changes.Any(change => change.HasFreeText))
            {
                var decideFully = decide;
                decide = (part, rows, twice) => WithoutFreeText(decideFully(part, rows, twice));
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry && changes.Count == 1)
            {
                changes[0].Result = new EntryResult(changes[0].Id, TransitionResult.Unusable, default, Error: BatchFaults.Sentence(e));
                written.Add(changes[0]);
                return;
            }
        }
    }

    private static IReadOnlyList<RowChange> WithoutFreeText(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes)
        {
            change.LeaveOutFreeText();
        }

        return changes;
    }

    private async Task PauseAsync(int tries, CancellationToken cancellation)
    {
        metrics.InTheWay();
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 * tries)), clock, cancellation).ConfigureAwait(false);
    }

    private async Task ApplyOnceAsync(IReadOnlyList<RowChange> changes, ClaimBatch? claim)
    {
        var started = clock.GetTimestamp();
        await using var connection = await postgres.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection);
        var (inserts, updates) = AddAll(batch, changes, claim);
        await WriteAsync(batch, inserts, updates).ConfigureAwait(false);
        metrics.Applied(changes, clock.GetElapsedTime(started));
    }

    private static (IReadOnlyList<RowChange> Inserts, IReadOnlyList<RowChange> Updates) AddAll(
        NpgsqlBatch batch, IReadOnlyList<RowChange> changes, ClaimBatch? claim)
    {
        var (inserts, updates) = Split(changes);
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
        return (inserts, updates);
    }

    private async Task DecideOnceAsync(
        IReadOnlyList<MessageId> sortedIds,
        Decide decide,
        Func<LockedRow, bool>? asksToldTwice)
    {
        var started = clock.GetTimestamp();

        // Begun and committed by statements of the batches themselves, so that they cost no round trip; a connection that is closed
        // within a transaction is rolled back.
        await using var connection = await postgres.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        var rows = await LockAsync(connection, sortedIds).ConfigureAwait(false);
        var asked = asksToldTwice is null ? [] : rows.Values.Where(asksToldTwice).Select(row => row.Id.Value).ToArray();
        var twice = await ReadToldTwiceAsync(connection, asked).ConfigureAwait(false);
        var changes = Sorted(decide(sortedIds, rows, twice));
        var (inserts, updates) = Split(changes);
        await using var batch = new NpgsqlBatch(connection);
        AddWrites(batch, inserts, updates, claim: null);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await WriteAsync(batch, inserts, updates).ConfigureAwait(false);
        metrics.Applied(changes, clock.GetElapsedTime(started));
    }

    private static async Task<Dictionary<MessageId, LockedRow>> LockAsync(NpgsqlConnection connection, IReadOnlyList<MessageId> sortedIds)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne));
        batch.BatchCommands.Add(ChangeParameters.LockRows(LedgerSql.LockAndReadRows, sortedIds));
        var rows = new Dictionary<MessageId, LockedRow>(sortedIds.Count);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            var row = ReadLocked(reader);
            rows.Add(row.Id, row);
        }

        return rows;
    }

    /// <summary>What the timelines say of other sids; asked for the few rows that have such a line.</summary>
    private static async Task<ILookup<MessageId, string>> ReadToldTwiceAsync(
        NpgsqlConnection connection, Guid[] ids)
    {
        var twice = new List<(MessageId Id, string Detail)>();
        if (ids.Length > 0)
        {
            await using var command = new NpgsqlCommand(LedgerSql.ReadTextedTwice, connection)
            {
                Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } },
            };
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                twice.Add((new MessageId(reader.GetGuid(0)), reader.IsDBNull(1) ? "" : reader.GetString(1)));
            }
        }

        return twice.ToLookup(told => told.Id, told => told.Detail);
    }

    private static LockedRow ReadLocked(NpgsqlDataReader reader) => new(
        new MessageId(reader.GetGuid(0)),
        new TenantId(reader.GetGuid(1)),
        new RowFacts((MessageState)reader.GetInt16(2), reader.GetInt32(3), reader.GetInt16(4), (Reason)reader.GetInt16(5), reader.GetInt32(6), RowChange.IsByEvidence(reader.GetInt32(7))),
        reader.GetInt32(7),
        reader.IsDBNull(9) ? null : new ProviderSid(reader.GetString(8)[0], reader.GetGuid(9)));

    private static (IReadOnlyList<RowChange> Inserts, IReadOnlyList<RowChange> Updates) Split(IReadOnlyList<RowChange> changes)
    {
        var inserts = changes.Count(change => change.IsInsert);
        return inserts == changes.Count ? (changes, [])
            : inserts == 0 ? ([], changes)
            : ([.. changes.Where(change => change.IsInsert)], [.. changes.Where(change => !change.IsInsert)]);
    }

    private static void AddWrites(NpgsqlBatch batch, IReadOnlyList<RowChange> inserts, IReadOnlyList<RowChange> updates, ClaimBatch? claim)
    {
        if (updates.Count > 0)
        {
            batch.BatchCommands.Add(ChangeParameters.Update(updates, claim));
        }

        if (inserts.Count > 0)
        {
            if (updates.Count > 0)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.JoinAsUsual));
            }

            batch.BatchCommands.Add(ChangeParameters.Insert(inserts, inserts.Any(change => change.Message!.IdempotencyKey is not null), claim));
        }

        foreach (var changes in (ReadOnlySpan<IReadOnlyList<RowChange>>)[updates, inserts])
        {
            if (ChangeParameters.KeepLinks(changes) is { } links)
            {
                batch.BatchCommands.Add(links);
            }
        }
    }

    private static async Task WriteAsync(NpgsqlBatch batch, IReadOnlyList<RowChange> inserts, IReadOnlyList<RowChange> updates)
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
