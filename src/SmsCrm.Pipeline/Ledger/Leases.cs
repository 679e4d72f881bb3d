using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Leases by Postgres' clock: of several processes at most one holds a name at a time.</summary>
internal sealed class Leases(NpgsqlDataSource database)
{
    private const string TakeSql = """
        INSERT INTO leases (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3)
        ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
        WHERE leases.holder = EXCLUDED.holder OR leases.until < clock_timestamp()
        RETURNING true
        """;

    /// <summary>Takes or prolongs the lease; true where this holder has it now, for <paramref name="time"/> from before the call.</summary>
    public async Task<bool> TakeAsync(string name, Guid holder, TimeSpan time, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(TakeSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = holder });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = time });
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
    }

    /// <summary>Gives it back, so that another need not wait for its end.</summary>
    public async Task ReturnAsync(string name, Guid holder, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("DELETE FROM leases WHERE name = $1 AND holder = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = holder });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
