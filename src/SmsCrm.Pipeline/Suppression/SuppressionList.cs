using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Suppression;

/// <summary>
/// The opt-outs: of (tenant, number), for all its senders and purposes, and of numbers that nobody may text from here. Facts read them with
/// every batch. Throws Npgsql's exceptions.
/// </summary>
public sealed class SuppressionList(NpgsqlDataSource database, TimeProvider clock)
{
    // A second STOP moves the time: a START from between the two must not lift it. Where it is known when it was written, that is its time, so
    // that a START which was written later lifts it, however late both come; but after a lift it is now: what was lifted then is not known here.
    private const string SuppressSql = """
        WITH put AS (
          INSERT INTO recipients AS r (tenant_id, number, suppressed_at, suppressed_source) VALUES ($1, $2, least($6, clock_timestamp()), $3)
          ON CONFLICT (tenant_id, number) DO UPDATE
          SET suppressed_at = greatest(r.suppressed_at, CASE WHEN r.lifted_at >= EXCLUDED.suppressed_at THEN clock_timestamp() ELSE EXCLUDED.suppressed_at END),
            suppressed_source = EXCLUDED.suppressed_source
          RETURNING suppressed_at
        )
        INSERT INTO consent_records (tenant_id, number, purpose, kind, at, source, actor, wording)
        SELECT $1, $2, 0, 'suppressed', suppressed_at, $3, $4, $5 FROM put
        """;

    private const string LiftSql = """
        WITH lifted AS (
          UPDATE recipients SET lifted_at = clock_timestamp()
          WHERE tenant_id = $1 AND number = $2 AND suppressed_at < $6 AND (lifted_at IS NULL OR lifted_at < suppressed_at)
          RETURNING lifted_at
        )
        INSERT INTO consent_records (tenant_id, number, purpose, kind, at, source, actor, wording)
        SELECT $1, $2, 0, 'lifted', lifted_at, $3, $4, $5 FROM lifted
        """;

    private const string SuppressEverywhereSql = """
        INSERT INTO platform_suppressions AS p (number, suppressed_at, source) VALUES ($1, clock_timestamp(), $2)
        ON CONFLICT (number) DO UPDATE SET suppressed_at = greatest(p.suppressed_at, EXCLUDED.suppressed_at), source = EXCLUDED.source
        """;

    private const string LiftEverywhereSql = """
        UPDATE platform_suppressions SET lifted_at = clock_timestamp()
        WHERE number = $1 AND (lifted_at IS NULL OR lifted_at < suppressed_at)
        """;

    /// <summary>Suppresses a number for a tenant, also where it is suppressed already.</summary>
    public async Task<Acknowledgement> SuppressAsync(TenantId tenant, PhoneNumber number, RecipientChange change, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await SuppressAsync(connection, tenant, number, change).ConfigureAwait(false);
        return Acknowledgement.AfterCommit(clock);
    }

    /// <summary>The same in the caller's transaction: whoever commits it makes the <see cref="Acknowledgement"/>.</summary>
    /// <param name="writtenAt">When the recipient asked for it, where that is known; it counts as of now else.</param>
    internal static Task SuppressAsync(
        NpgsqlConnection connection, TenantId tenant, PhoneNumber number, RecipientChange change, DateTimeOffset? writtenAt = null) =>
        WriteAsync(new NpgsqlCommand(SuppressSql, connection), tenant, number, change, writtenAt);

    /// <summary>Lifts a suppression that is older than <paramref name="olderThan"/>; in doubt it stays.</summary>
    /// <returns>Whether there was one to lift.</returns>
    public async Task<bool> LiftAsync(
        TenantId tenant, PhoneNumber number, DateTimeOffset olderThan, RecipientChange change, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        return await LiftAsync(connection, tenant, number, olderThan, change).ConfigureAwait(false);
    }

    internal static async Task<bool> LiftAsync(
        NpgsqlConnection connection, TenantId tenant, PhoneNumber number, DateTimeOffset olderThan, RecipientChange change) =>
        await WriteAsync(new NpgsqlCommand(LiftSql, connection), tenant, number, change, olderThan).ConfigureAwait(false) > 0;

    /// <summary>Suppresses a number for every tenant.</summary>
    /// <param name="source">1 to 100 characters.</param>
    public async Task<Acknowledgement> SuppressEverywhereAsync(PhoneNumber number, string source, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(SuppressEverywhereSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        return Acknowledgement.AfterCommit(clock);
    }

    /// <returns>Whether there was one to lift.</returns>
    public async Task<bool> LiftEverywhereAsync(PhoneNumber number, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(LiftEverywhereSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false) > 0;
    }

    /// <summary>The token is not heard: a commit of unknown fate helps nobody.</summary>
    private static async Task<int> WriteAsync(
        NpgsqlCommand command, TenantId tenant, PhoneNumber number, RecipientChange change, DateTimeOffset? time)
    {
        await using var writing = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.Source });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.Actor });
        command.Parameters.Add(new NpgsqlParameter { Value = change.Wording ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = time?.UtcDateTime ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
