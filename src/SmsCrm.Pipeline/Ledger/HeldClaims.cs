using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Claims that must hold something first: money of a budget, or the turn of their recipient. Budgets' rows and recipients are locked, never waiting:
/// what another session has leaves the batch. Then, on a snapshot from after that, everything is judged again (<see cref="ClaimJudge"/>), so that
/// budgets, caps and duplicate windows hold however many workers claim. Three round trips in one transaction; only who needs it pays for them.
/// </summary>
internal sealed class HeldClaims(NpgsqlDataSource postgres, LedgerEngine engine) : IDisposable
{
    private const string HoldSql =
        """
        UPDATE budget_use u SET held_micros = u.held_micros + i.held
        FROM unnest($1::uuid[], $2::bigint[]) AS i (budget_id, held) WHERE u.budget_id = i.budget_id
        """;

    // Of this process one at a time: two would only find each other's rows locked. It also bounds the recipients' locks: a batch's for each process.
    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    public async Task<IReadOnlyList<EntryResult>> ClaimAsync(IReadOnlyList<ClaimEntry> entries, ClaimBatch claim, CancellationToken cancellation)
    {
        var byId = entries.DistinctBy(entry => entry.Message.Id).ToDictionary(entry => entry.Message.Id);
        var changes = byId.Values.Select(Decisions.Claim).OfType<RowChange>().ToList();
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await engine.ApplyAsync(changes, part => ClaimOnceAsync(part, byId, claim), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        var results = changes.ToDictionary(change => change.Id, change => change.Result);
        return [.. entries.Select(entry => results.GetValueOrDefault(entry.Message.Id, new EntryResult(entry.Message.Id, TransitionResult.Lost, default)))];
    }

    private async Task ClaimOnceAsync(IReadOnlyList<RowChange> changes, Dictionary<MessageId, ClaimEntry> entries, ClaimBatch claim)
    {
        // A connection that is closed within a transaction is rolled back.
        await using var connection = await postgres.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        var entriesHere = changes.Select(change => entries[change.Id]).ToList();
        var held = await ClaimHolds.TakeAsync(connection, entriesHere).ConfigureAwait(false);
        var judged = entriesHere.Zip(changes, (entry, change) => (Change: change, Written: ClaimJudge.Judge(entry, change, held))).ToList();
        await RowWrites.WriteAsync(connection, [.. judged.Select(pair => pair.Written).OfType<RowChange>()], claim).ConfigureAwait(false);
        await HoldAndCommitAsync(connection, judged).ConfigureAwait(false);
        foreach (var (change, written) in judged)
        {
            change.Result = written?.Result ?? new EntryResult(change.Id, TransitionResult.Busy, default);
        }
    }

    private static async Task HoldAndCommitAsync(NpgsqlConnection connection, IReadOnlyList<(RowChange Change, RowChange? Written)> judged)
    {
        var held = judged.Where(pair => pair.Written is { State: MessageState.Claimed, Seen.IsByEvidence: false, Result.Result: TransitionResult.Won })
            .SelectMany(pair => pair.Change.Terms.Budgets.Select(budget => (Budget: budget, Cost: pair.Change.Terms.CostMicros)))
            .GroupBy(hold => hold.Budget).OrderBy(group => group.Key)
            .Select(group => (group.Key, Held: group.Sum(hold => hold.Cost))).ToList();
        await using var batch = new NpgsqlBatch(connection);
        if (held.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(HoldSql)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid[]> { TypedValue = [.. held.Select(hold => hold.Key)] },
                    new NpgsqlParameter<long[]> { TypedValue = [.. held.Select(hold => hold.Held)] },
                },
            });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
