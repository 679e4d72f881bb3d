using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Adds up what settled holds left behind, budget by budget; one that a claim has locked comes the next time.</summary>
public sealed class BudgetFolder
{
    private const string Sql =
        """
        WITH locked AS (
          SELECT budget_id FROM budget_use u WHERE EXISTS (SELECT FROM budget_deltas d WHERE d.budget_id = u.budget_id)
          ORDER BY budget_id LIMIT 500 FOR UPDATE SKIP LOCKED
        ), gone AS (
          DELETE FROM budget_deltas d USING locked WHERE d.budget_id = locked.budget_id RETURNING d.budget_id, d.held_micros, d.spent_micros
        )
        UPDATE budget_use u SET held_micros = u.held_micros + g.held, spent_micros = u.spent_micros + g.spent
        FROM (SELECT budget_id, sum(held_micros)::bigint AS held, sum(spent_micros)::bigint AS spent FROM gone GROUP BY budget_id) g
        WHERE u.budget_id = g.budget_id
        """;

    private readonly NpgsqlDataSource _postgres;

    internal BudgetFolder(NpgsqlDataSource postgres) => _postgres = postgres;

    /// <summary>Throws Npgsql's exceptions. Two at once share the budgets between them.</summary>
    public async Task FoldOnceAsync(CancellationToken cancellation)
    {
        await using var command = _postgres.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
