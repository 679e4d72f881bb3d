using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>The ledger on Postgres.</summary>
internal sealed class MessageLedger(NpgsqlDataSource postgres, LedgerEngine engine, HeldClaims held, ProviderWords words) : IMessageLedger
{
    // An id that gets its first row between our look and our insert is looked at again; nobody's row goes away.
    private const int CancelTries = 3;

    public async Task<IReadOnlyDictionary<MessageId, RowFacts>> ReadAsync(IReadOnlyList<MessageId> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0)
        {
            return new Dictionary<MessageId, RowFacts>();
        }

        // The bounds leave out the days that the batch has nothing of; the array alone does not.
        await using var command = postgres.CreateCommand(
            "SELECT id, state, version, attempt, reason, code, seen FROM messages WHERE id = ANY($1) AND id BETWEEN $2 AND $3");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Select(id => id.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ids.Min().Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ids.Max().Value });
        var rows = new Dictionary<MessageId, RowFacts>(ids.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows[new MessageId(reader.GetGuid(0))] = new RowFacts(
                (MessageState)reader.GetInt16(1), reader.GetInt32(2), reader.GetInt16(3), (Reason)reader.GetInt16(4), reader.GetInt32(5),
                RowChange.IsByEvidence(reader.GetInt32(6)));
        }

        return rows;
    }

    public Task<IReadOnlyList<EntryResult>> EnqueueAsync(IReadOnlyList<AcceptedMessage> messages, CancellationToken cancellation) =>
        ApplyAsync(messages, message => message.Id, Decisions.Enqueue, TransitionResult.AlreadyThere, null, cancellation);

    public async Task<IReadOnlyList<EntryResult>> ClaimAsync(
        IReadOnlyList<ClaimEntry> entries, ClaimBatch claim, CancellationToken cancellation)
    {
        if (!entries.Any(entry => entry.Terms.NeedHolding))
        {
            return await ApplyAsync(entries, entry => entry.Message.Id, Decisions.Claim, TransitionResult.Lost, claim, cancellation).ConfigureAwait(false);
        }

        // A transaction of their own: who has nothing to hold does not share the others' locks.
        var free = entries.Where(entry => !entry.Terms.NeedHolding).ToList();
        var results = new Dictionary<MessageId, EntryResult>(entries.Count);
        foreach (var result in (await ApplyAsync(free, entry => entry.Message.Id, Decisions.Claim, TransitionResult.Lost, claim, cancellation).ConfigureAwait(false)).Reverse())
        {
            results[result.Id] = result;
        }

        // An id twice would be won twice: see ApplyAsync.
        foreach (var result in await held.ClaimAsync([.. entries.Where(entry => entry.Terms.NeedHolding)], claim, cancellation).ConfigureAwait(false))
        {
            results[result.Id] = result;
        }

        return
        [
            .. entries.Select(entry => results.Remove(entry.Message.Id, out var result)
                ? result
                : new EntryResult(entry.Message.Id, TransitionResult.Lost, default)),
        ];
    }

    public Task<IReadOnlyList<EntryResult>> DeferAsync(IReadOnlyList<DeferEntry> entries, CancellationToken cancellation) =>
        ApplyAsync(entries, entry => entry.Message.Id, Decisions.Defer, TransitionResult.Lost, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> RejectAsync(IReadOnlyList<RejectEntry> entries, CancellationToken cancellation) =>
        ApplyAsync(entries, entry => entry.Message.Id, Decisions.Reject, TransitionResult.Lost, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> RejectUnreadableAsync(IReadOnlyList<UnreadableEntry> entries, CancellationToken cancellation) =>
        ApplyAsync(entries, entry => entry.Id, Decisions.RejectUnreadable, TransitionResult.AlreadyThere, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> RecordOutcomesAsync(IReadOnlyList<OutcomeEntry> entries, CancellationToken cancellation) =>
        words.RecordOutcomesAsync(entries, cancellation);

    public Task<IReadOnlyList<EntryResult>> ApplyReceiptsAsync(IReadOnlyList<ReceiptEntry> entries, CancellationToken cancellation) =>
        words.ApplyReceiptsAsync(entries, cancellation);

    public async Task<IReadOnlyList<EntryResult>> CancelAsync(
        TenantId tenant, IReadOnlyList<MessageId> ids, Reason reason, CancellationToken cancellation)
    {
        var results = new Dictionary<MessageId, EntryResult>(ids.Count);
        IReadOnlyCollection<MessageId> open = [.. ids];
        for (var tries = 0; open.Count > 0 && tries < CancelTries; tries++)
        {
            var changes = await engine.DecideLockedAsync(open, Cancel, asksToldTwice: null, cancellation).ConfigureAwait(false);
            foreach (var change in changes)
            {
                // Nothing can have an id that no partition takes.
                results[change.Id] = change.Result.Result == TransitionResult.Unusable
                    ? new EntryResult(change.Id, TransitionResult.NotFound, default)
                    : change.Result;
            }

            open = [.. changes.Where(change => change.Result.Result == TransitionResult.Lost).Select(change => change.Id)];
        }

        return [.. ids.Select(id => results[id])];

        IReadOnlyList<RowChange> Cancel(
            IReadOnlyList<MessageId> part, IReadOnlyDictionary<MessageId, LockedRow> rows, ILookup<MessageId, string> twice)
        {
            var changes = new List<RowChange>();
            foreach (var id in part)
            {
                var row = rows.GetValueOrDefault(id);
                if (row is not null && row.Tenant != tenant)
                {
                    results[id] = new EntryResult(id, TransitionResult.NotFound, default);
                }
                else if (Decisions.Cancel(id, tenant, row?.Facts ?? RowFacts.NoRow, reason) is { } change)
                {
                    changes.Add(change);
                }
                else
                {
                    var late = row!.Facts.State == MessageState.Cancelled ? TransitionResult.AlreadyThere : TransitionResult.TooLate;
                    results[id] = new EntryResult(id, late, row.Facts);
                }
            }

            return changes;
        }
    }

    public Task<IReadOnlyList<EntryResult>> CancelSeenAsync(IReadOnlyList<CancelEntry> entries, CancellationToken cancellation) =>
        ApplyAsync(entries, entry => entry.Message.Id, Decisions.Cancel, TransitionResult.Lost, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> MarkUnknownAsync(
        IReadOnlyList<(MessageId Id, RowFacts Seen)> entries, string detail, CancellationToken cancellation) =>
        ApplyAsync(
            entries, entry => entry.Id, entry => Decisions.Unknown(entry.Id, entry.Seen, Reason.WorkerSilent, detail), TransitionResult.Lost, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> MarkUncertainAsync(
        IReadOnlyList<(MessageId Id, RowFacts Seen)> entries, string detail, CancellationToken cancellation) =>
        ApplyAsync(
            entries, entry => entry.Id, entry => Decisions.Uncertain(entry.Id, entry.Seen, detail), TransitionResult.Lost, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> ReleaseByEvidenceAsync(IReadOnlyList<EvidenceEntry> entries, CancellationToken cancellation) =>
        ApplyAsync(entries, entry => entry.Id, Decisions.ByEvidence, TransitionResult.Lost, null, cancellation);

    public Task<IReadOnlyList<EntryResult>> MarkNoReceiptAsync(
        IReadOnlyList<(MessageId Id, RowFacts Seen)> entries, CancellationToken cancellation) =>
        ApplyAsync(
            entries, entry => entry.Id, entry => Decisions.NoReceipt(entry.Id, entry.Seen), TransitionResult.Lost, null, cancellation);

    /// <param name="lost">What it means that somebody else had been there first.</param>
    private async Task<IReadOnlyList<EntryResult>> ApplyAsync<T>(
        IReadOnlyList<T> entries,
        Func<T, MessageId> idOf,
        Func<T, RowChange?> decide,
        TransitionResult lost,
        ClaimBatch? claim,
        CancellationToken cancellation)
    {
        // An id twice would be won twice: the second one is lost to the first.
        var once = new HashSet<MessageId>(entries.Count);
        var changes = new RowChange?[entries.Count];
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] = once.Add(idOf(entries[i])) ? decide(entries[i]) : null;
        }

        await engine.ApplyAsync([.. changes.OfType<RowChange>()], claim, cancellation).ConfigureAwait(false);
        var results = new EntryResult[changes.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = changes[i] is { } change && change.Result.Result != TransitionResult.Lost
                ? change.Result
                : new EntryResult(idOf(entries[i]), lost, default);
        }

        return results;
    }
}
