using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Begins a claim's transaction, locks what its messages need (budget rows, then recipients; never waiting) and reads it.</summary>
internal static class ClaimHolds
{
    private const string LockBudgetsSql = "SELECT budget_id FROM budget_use WHERE budget_id = ANY ($1) ORDER BY budget_id FOR UPDATE SKIP LOCKED";

    private const string LockRecipientsSql = "SELECT key FROM unnest($1::bigint[]) AS key WHERE pg_try_advisory_xact_lock(key)";

    private const string ReadBudgetsSql =
        """
        SELECT b.id, b.limit_micros, u.held_micros + coalesce(d.held, 0), u.spent_micros + coalesce(d.spent, 0)
        FROM budgets b JOIN budget_use u ON u.budget_id = b.id
        LEFT JOIN LATERAL (
          SELECT sum(held_micros)::bigint AS held, sum(spent_micros)::bigint AS spent FROM budget_deltas WHERE budget_id = b.id
        ) d ON true
        WHERE b.id = ANY ($1)
        """;

    public static async Task<Held> TakeAsync(NpgsqlConnection connection, IReadOnlyList<ClaimEntry> entries)
    {
        var budgets = entries.SelectMany(entry => entry.Terms.Budgets).Distinct().ToArray();
        var recipients = entries.Where(entry => entry.Terms.Limits is not null)
            .Select(entry => (entry.Message.Tenant, entry.Message.Recipient)).Distinct().OrderBy(of => of.Recipient.Digits).ToArray();
        var keys = Array.ConvertAll(recipients, KeyOf);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("BEGIN"),
                new NpgsqlBatchCommand("SET LOCAL idle_in_transaction_session_timeout = '2s'"),
                new NpgsqlBatchCommand(LockBudgetsSql) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = budgets } } },
                new NpgsqlBatchCommand(LockRecipientsSql) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = keys } } },

                // Each on a snapshot of its own, from after the locks.
                new NpgsqlBatchCommand("SELECT clock_timestamp()"),
                new NpgsqlBatchCommand(ReadBudgetsSql) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = budgets } } },
                new NpgsqlBatchCommand(RecentTextsSql.Read)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(recipients, of => of.Tenant.Value) },
                        new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(recipients, of => of.Recipient.Digits) },
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        var ourBudgets = await ReadAllAsync(reader, static row => row.GetGuid(0)).ConfigureAwait(false);
        var ourKeys = (await ReadAllAsync(reader, static row => row.GetInt64(0)).ConfigureAwait(false)).ToHashSet();
        var held = new Held((await ReadAllAsync(reader, static row => new DateTimeOffset(row.GetDateTime(0), TimeSpan.Zero)).ConfigureAwait(false)).Single());
        foreach (var (id, left) in await ReadAllAsync(
            reader, static row => (row.GetGuid(0), new BudgetLeft(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)))).ConfigureAwait(false))
        {
            held.Budgets[id] = ourBudgets.Contains(id) ? left : null;
        }

        for (var i = 0; i < recipients.Length; i++)
        {
            if (ourKeys.Contains(keys[i]))
            {
                held.Recipients.Add(recipients[i], []);
            }
        }

        foreach (var (tenant, number, text) in await ReadAllAsync(reader, RecentTextsSql.ReadRow).ConfigureAwait(false))
        {
            if (held.Recipients.TryGetValue((tenant, number), out var texts))
            {
                texts.Add(text);
            }
        }

        return held;
    }

    /// <summary>Two recipients that share a key only wait for one another.</summary>
    private static long KeyOf((TenantId Tenant, PhoneNumber Recipient) of) =>
        BitConverter.ToInt64(of.Tenant.Value.ToByteArray(), 8) ^ unchecked(of.Recipient.Digits * -7046029254386353131L);

    private static async Task<List<T>> ReadAllAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        // BEGIN and SET have no rows to read: the reader stands on the next result that has columns.
        var rows = new List<T>();
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        return rows;
    }
}
