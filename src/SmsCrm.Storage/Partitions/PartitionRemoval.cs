using System.Globalization;
using Npgsql;
using NpgsqlTypes;

// Table names can't be parameters. The ones here are made of our own letters and digits or read from the catalogue, and quoted.
#pragma warning disable CA2100

namespace SmsCrm.Storage.Partitions;

/// <summary>Drops partitions, with the checks that nothing in them is still needed.</summary>
public sealed class PartitionRemoval(NpgsqlDataSource postgres)
{
    // What one transaction locks is bounded.
    private const long HoursAtOnce = 24;

    // Nothing waits behind the upkeep for long: what does not get its lock within this tries again at the next visit.
    internal const string LockPatience = "SET LOCAL lock_timeout = '2s'";

    // The states of a message that nobody has to take up any more; held against MessageStates by a test.
    // taken and sent count as final here: their last word is past any polling bound when a day is dropped.
    internal static readonly short[] OpenStates = [1, 2, 3, 4];

    /// <summary>
    /// Drops a day's messages and the events up to it, when no row of it is open or holds money and no earlier day stands.
    /// The floor is raised first, in a transaction of its own, so that no record of that day joins a batch any more.
    /// </summary>
    public async Task<DropOutcome> DropDayAsync(DateOnly day, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var judged = await JudgeAsync(connection, day, cancellation).ConfigureAwait(false);
        if (judged != DropOutcome.Dropped)
        {
            return judged;
        }

        await RaiseFloorAsync(connection, day, cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, LockPatience, cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, Quoted($"LOCK TABLE {Messages(day)} IN ACCESS EXCLUSIVE MODE"), cancellation).ConfigureAwait(false);

        // Judged again under the lock: a record may have been on its way when the floor was raised.
        judged = await JudgeAsync(connection, day, cancellation).ConfigureAwait(false);
        if (judged == DropOutcome.Dropped)
        {
            foreach (var name in (string[])[Messages(day), .. await ReadEventDaysAsync(connection, day, cancellation).ConfigureAwait(false)])
            {
                await DropAsync(connection, name, cancellation).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }

        return judged;
    }

    /// <summary>Drops the hours of claims that every kind of the reconciler's visits has passed; returns how many.</summary>
    public async Task<int> DropVisitedClaimsAsync(CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, LockPatience, cancellation).ConfigureAwait(false);
        var names = await ReadNamesAsync(
            connection,
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'claims'::regclass
              -- CASE, because the planner may judge other tables' names before the join leaves them out.
              AND CASE WHEN c.relname ~ '^claims_[0-9]{10}$' THEN to_timestamp(right(c.relname, 10) || '+00', 'YYYYMMDDHH24TZH') END + interval '2 hours'
                < (SELECT min(at) FROM reconciler_marks)
            ORDER BY c.relname LIMIT $1
            """,
            new NpgsqlParameter<long> { TypedValue = HoursAtOnce },
            cancellation).ConfigureAwait(false);
        foreach (var name in names)
        {
            await DropAsync(connection, name, cancellation).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return names.Count;
    }

    private static async Task<DropOutcome> JudgeAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellation)
    {
        await using var there = new NpgsqlCommand(
            """
            SELECT to_regclass($1) IS NOT NULL,
              EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'messages'::regclass AND c.relname < $1)
            """,
            connection);
        there.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Messages(day) });
        await using (var reader = await there.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (!reader.GetBoolean(0) || reader.GetBoolean(1))
            {
                return reader.GetBoolean(0) ? DropOutcome.EarlierDayStands : DropOutcome.NotThere;
            }
        }

        await using var rows = new NpgsqlCommand(
            Quoted($"SELECT EXISTS (SELECT FROM {Messages(day)} WHERE state = ANY($1)), EXISTS (SELECT FROM {Messages(day)} WHERE held_micros <> 0)"),
            connection);
        rows.Parameters.Add(new NpgsqlParameter { Value = OpenStates, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint });
        await using var held = await rows.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await held.ReadAsync(cancellation).ConfigureAwait(false);
        return held.GetBoolean(0) ? DropOutcome.HasOpenRows : held.GetBoolean(1) ? DropOutcome.HoldsMoney : DropOutcome.Dropped;
    }

    private static async Task RaiseFloorAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellation)
    {
        await using var raise = new NpgsqlCommand(
            "UPDATE ledger_floor SET floor = greatest(floor, uuid7_floor(($1 + 1)::timestamp AT TIME ZONE 'UTC'))", connection);
        raise.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
        await raise.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<string>> ReadEventDaysAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellation) =>
        await ReadNamesAsync(
            connection,
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'message_events'::regclass AND c.relname <= $1 ORDER BY c.relname
            """,
            new NpgsqlParameter<string> { TypedValue = "message_events_" + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture) },
            cancellation).ConfigureAwait(false);

    private static async Task<IReadOnlyList<string>> ReadNamesAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter parameter, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { parameter } };
        var names = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task DropAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        if (name.StartsWith("message_events_", StringComparison.Ordinal))
        {
            await ExecuteAsync(
                connection,
                Quoted($"UPDATE ledger_floor SET feed_floor = greatest(feed_floor, (SELECT coalesce(max(xid), '0') FROM {name}))"),
                cancellation).ConfigureAwait(false);
        }

        await ExecuteAsync(connection, Quoted($"DROP TABLE {name}"), cancellation).ConfigureAwait(false);
    }

    private static string Messages(DateOnly day) => "messages_" + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Quoted(FormattableString sql) =>
        string.Format(CultureInfo.InvariantCulture, sql.Format, [.. sql.GetArguments().Select(name => $"\"{name}\"")]);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
