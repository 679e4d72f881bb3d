using System.Globalization;
using Npgsql;
using SmsCrm.Storage;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Lines of counts that were wrong and are right now: by campaign and day, by sender and country, by quarter-hour.</summary>
public readonly record struct CountReplayReport(long Campaigns, long Senders, long Quarters);

/// <summary>
/// Rebuilds the counts and the cost from <c>message_events</c> while everything runs. The recount is made from one snapshot beside the live
/// counts, and put in their place in one transaction. Meanwhile the folder rests, by its own lock, so the totals stay as the snapshot saw them, and
/// what happens goes on as deltas: the new totals are the recount less the deltas that the snapshot saw, and no delta is lost or told twice.
/// </summary>
public sealed class CountReplay(PostgresConnections connections)
{
    private const int TimeoutSeconds = 3_600;

    /// <summary>
    /// The first day of which every message and event is still there; null: nothing was ever dropped. A day later than what is kept: a tenant's own
    /// day may begin on the day before, by UTC.
    /// </summary>
    private const string KeptSinceSql =
        """
        SELECT greatest(
          (SELECT (uuid7_time(floor) AT TIME ZONE 'UTC')::date FROM ledger_floor WHERE floor > '00000000-0000-7000-8000-000000000000'),
          (SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD')) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'message_events'::regclass AND (SELECT feed_floor FROM ledger_floor) > '0')) + 1
        """;

    private const string BesideSql =
        """
        CREATE TEMP TABLE recounted (
          what smallint NOT NULL, tenant_id uuid NOT NULL, day date, campaign_id text, state smallint, reason smallint, code integer, sender_id uuid,
          country text, quarter timestamptz, kind smallint, messages bigint, segments bigint, micros bigint, delivered bigint, undelivered bigint,
          failed bigint, uncertain bigint)
        """;

    private readonly PostgresConnections _connections = connections;

    /// <param name="from">First day (UTC): of acceptance for what is counted by campaign and by sender, of the event for what is counted by quarter-hour.</param>
    /// <exception cref="ArgumentOutOfRangeException">Messages or events of that day are no longer kept; nothing was done.</exception>
    public async Task<CountReplayReport> RunAsync(DateOnly from, CancellationToken cancellation)
    {
        // The one that writes also holds the lock: without it there is no swap.
        await using var writer = await _connections.OpenSessionAsync(cancellation, TimeoutSeconds).ConfigureAwait(false);
        if (await ScalarAsync(writer, KeptSinceSql, cancellation).ConfigureAwait(false) is DateOnly keptSince && from < keptSince)
        {
            throw new ArgumentOutOfRangeException(
                nameof(from), string.Create(CultureInfo.InvariantCulture, $"{from:yyyy-MM-dd}: messages and events are kept since {keptSince:yyyy-MM-dd}; begin there"));
        }

        await ScalarAsync(writer, $"SELECT pg_advisory_lock({CountFolder.LockKey})", cancellation).ConfigureAwait(false);
        await ScalarAsync(writer, BesideSql, cancellation).ConfigureAwait(false);
        await using (var reader = await _connections.OpenSessionAsync(cancellation, TimeoutSeconds).ConfigureAwait(false))
        {
            await RecountAsync(reader, writer, from, cancellation).ConfigureAwait(false);
        }

        await ScalarAsync(writer, "ANALYZE recounted", cancellation).ConfigureAwait(false);
        return await SwapAsync(writer, from, cancellation).ConfigureAwait(false);
    }

    /// <summary>From the snapshot straight into the table beside. It comes sorted, so all at once at the end: the writing transaction is a short one.</summary>
    private static async Task RecountAsync(NpgsqlConnection reader, NpgsqlConnection writer, DateOnly from, CancellationToken cancellation)
    {
        await ScalarAsync(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellation).ConfigureAwait(false);
        await using var counted = await reader.BeginRawBinaryCopyAsync($"COPY ({CountReplaySql.Recount(from)}) TO STDOUT (FORMAT binary)", cancellation)
            .ConfigureAwait(false);
        counted.ReadTimeout = TimeoutSeconds * 1_000;
        var first = new byte[64 * 1024];
        var length = await counted.ReadAsync(first, cancellation).ConfigureAwait(false);
        await using var beside = await writer.BeginRawBinaryCopyAsync("COPY recounted FROM STDIN (FORMAT binary)", cancellation).ConfigureAwait(false);
        await beside.WriteAsync(first.AsMemory(0, length), cancellation).ConfigureAwait(false);
        await counted.CopyToAsync(beside, cancellation).ConfigureAwait(false);
    }

    private static async Task<CountReplayReport> SwapAsync(NpgsqlConnection writer, DateOnly from, CancellationToken cancellation)
    {
        await using var transaction = await writer.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var report = new CountReplayReport(
            await ChangedAsync(writer, CountReplaySql.SwapCampaigns, from, cancellation).ConfigureAwait(false),
            await ChangedAsync(writer, CountReplaySql.SwapSenders, from, cancellation).ConfigureAwait(false),
            await ChangedAsync(writer, CountReplaySql.SwapQuarters, from, cancellation).ConfigureAwait(false));
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return report;
    }

#pragma warning disable CA2100 // Constants of this room, and days that are no text of a caller's.
    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<long> ChangedAsync(NpgsqlConnection connection, string sql, DateOnly from, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            CommandTimeout = TimeoutSeconds,
            Parameters = { new NpgsqlParameter<DateOnly> { TypedValue = from } },
        };
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
#pragma warning restore CA2100
}
