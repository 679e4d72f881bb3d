using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Claims that are paid from budgets. The budgets' rows are locked first, never waiting: whose row another session holds leaves the batch. Then, on a
/// snapshot from after that, what is left of each is judged and held, so that spent and held never pass the limit that is in force, however many
/// workers claim. Three round trips in one transaction; only tenants with a budget pay for them.
/// </summary>
internal sealed class BudgetedClaims(NpgsqlDataSource postgres, LedgerEngine engine, TimeProvider clock) : IDisposable
{
    private const string LockSql = "SELECT budget_id FROM budget_use WHERE budget_id = ANY ($1) ORDER BY budget_id FOR UPDATE SKIP LOCKED";

    private const string ReadSql =
        """
        SELECT b.id, b.limit_micros, u.held_micros + coalesce(d.held, 0), u.spent_micros + coalesce(d.spent, 0)
        FROM budgets b JOIN budget_use u ON u.budget_id = b.id
        LEFT JOIN LATERAL (
          SELECT sum(held_micros)::bigint AS held, sum(spent_micros)::bigint AS spent FROM budget_deltas WHERE budget_id = b.id
        ) d ON true
        WHERE b.id = ANY ($1)
        """;

    private const string HoldSql =
        """
        UPDATE budget_use u SET held_micros = u.held_micros + i.held
        FROM unnest($1::uuid[], $2::bigint[]) AS i (budget_id, held) WHERE u.budget_id = i.budget_id
        """;

    /// <summary>How long a message waits for what others hold to be spent or released.</summary>
    private static readonly TimeSpan HeldRecheck = TimeSpan.FromSeconds(5);

    // Of this process one at a time: two would only find each other's rows locked.
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
        var budgets = await LockAndReadAsync(connection, [.. changes.SelectMany(change => change.Terms.Budgets).Distinct()]).ConfigureAwait(false);
        var judged = Judge(changes, entries, budgets, clock.GetUtcNow());
        await LedgerEngine.WriteWithinAsync(connection, [.. judged.Select(pair => pair.Written).OfType<RowChange>()], claim).ConfigureAwait(false);
        await HoldAndCommitAsync(connection, judged).ConfigureAwait(false);
        foreach (var (change, written) in judged)
        {
            change.Result = written?.Result ?? new EntryResult(change.Id, TransitionResult.Busy, default);
        }
    }

    private static async Task<Dictionary<Guid, BudgetLeft?>> LockAndReadAsync(NpgsqlConnection connection, Guid[] ids)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("BEGIN"),
                new NpgsqlBatchCommand("SET LOCAL idle_in_transaction_session_timeout = '2s'"),
                new NpgsqlBatchCommand(LockSql) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } } },
                new NpgsqlBatchCommand(ReadSql) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        var ours = new HashSet<Guid>();
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            ours.Add(reader.GetGuid(0));
        }

        await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        var budgets = new Dictionary<Guid, BudgetLeft?>();
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            budgets[reader.GetGuid(0)] = ours.Contains(reader.GetGuid(0))
                ? new BudgetLeft(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3))
                : null;
        }

        return budgets;
    }

    /// <summary>In the order of the ids; what one takes the next does not have. A budget that is gone binds nobody.</summary>
    internal static IReadOnlyList<(RowChange Change, RowChange? Written)> Judge(
        IReadOnlyList<RowChange> changes, Dictionary<MessageId, ClaimEntry> entries, Dictionary<Guid, BudgetLeft?> budgets, DateTimeOffset now)
    {
        var judged = new List<(RowChange, RowChange?)>(changes.Count);
        foreach (var change in changes)
        {
            var entry = entries[change.Id];
            var known = change.Terms.Budgets.Where(budgets.ContainsKey).Select(id => budgets[id]).ToList();
            var cost = change.Terms.CostMicros;
            if (known.Any(budget => budget is null))
            {
                judged.Add((change, null));
            }
            else if (known.Find(budget => budget!.Spent + cost > budget.Limit) is { } exhausted)
            {
                judged.Add((change, Decisions.Reject(new RejectEntry(entry.Message, entry.Seen, new Verdict(
                    Reason.BudgetExhausted, exhausted.Explain("The budget is used up.", cost, null))))));
            }
            else if (known.Find(budget => budget!.Spent + budget.Held + cost > budget.Limit) is { } held)
            {
                var due = now + HeldRecheck;
                judged.Add((change, Decisions.Defer(new DeferEntry(
                    entry.Message, entry.Seen, Reason.BudgetHeld, due, entry.SenderId,
                    held.Explain("The rest of the budget is held for messages that are on their way.", cost, due)))));
            }
            else
            {
                known.ForEach(budget => budget!.Held += cost);
                judged.Add((change, change));
            }
        }

        return judged;
    }

    private static async Task HoldAndCommitAsync(NpgsqlConnection connection, IReadOnlyList<(RowChange Change, RowChange? Written)> judged)
    {
        var held = judged.Where(pair => pair.Written is { State: MessageState.Claimed, Result.Result: TransitionResult.Won })
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

    /// <summary>A budget as this transaction sees it; what it holds itself is added as it goes.</summary>
    internal sealed class BudgetLeft(long limit, long held, long spent)
    {
        public long Limit => limit;

        public long Held { get; set; } = held;

        public long Spent => spent;

        public string Explain(string sentence, long cost, DateTimeOffset? next) => VerdictText.Json(
            "budget", sentence, next, ("limit_micros", Limit), ("spent_micros", Spent), ("held_micros", Held), ("cost_micros", cost));
    }
}
