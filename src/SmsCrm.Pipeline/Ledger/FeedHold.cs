using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>An open transaction that writes: of what committed after it began to, no feed tells anything until it is over.</summary>
/// <param name="Transaction">Its id, the lowest that is open.</param>
/// <param name="Pid">Of its session; null: it is prepared (two-phase), and no session has it.</param>
/// <param name="Name">The session's application_name, or what the transaction was prepared as.</param>
/// <param name="Database">Any of the server's: transactions have their ids in common, and so one of another database holds the feeds back as well.</param>
/// <param name="Age">
/// Since it began, or was prepared; null: not shown. Of sessions of other roles Postgres shows that only to members of <c>pg_read_all_stats</c>
/// (<c>pg_monitor</c> is one); who holds the feeds back, it shows to all.
/// </param>
internal sealed record FeedHolder(ulong Transaction, int? Pid, string Name, string Database, TimeSpan? Age)
{
    public override string ToString() => Pid is { } pid
        ? FormattableString.Invariant($"session {pid} ('{Name}', database {Database})")
        : $"prepared transaction '{Name}' (database {Database})";
}

/// <summary>
/// Which open transaction holds all feeds back, and for how long. Looked at every second; one that is seen once only is over by the time that
/// anybody could look for it, and counts for nothing.
/// </summary>
public sealed class FeedHold
{
    /// <summary>From then on the metric names the session, and not sooner: each name is a series of its own.</summary>
    internal static readonly TimeSpan NamedAfter = TimeSpan.FromSeconds(5);

    /// <summary>From then on the log says so, once, and once more when it is over.</summary>
    internal static readonly TimeSpan ToldAfter = TimeSpan.FromSeconds(10);

    // The lowest open id is that of a session or of a prepared transaction; where none is open it is the next one, which nobody has.
    private const string Sql = """
        SELECT h.xid, h.pid, h.name, h.database, h.age
        FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid) s
        JOIN LATERAL (
          SELECT s.xid, pid, application_name AS name, datname::text AS database, clock_timestamp() - xact_start AS age
          FROM pg_stat_activity WHERE backend_xid = s.xid::xid
          UNION ALL
          SELECT s.xid, NULL, gid, database::text, clock_timestamp() - prepared FROM pg_prepared_xacts WHERE transaction = s.xid::xid
        ) h ON true
        LIMIT 1
        """;

    private readonly NpgsqlDataSource _postgres;
    private readonly TimeProvider _clock;
    private readonly ILogger<FeedHold> _logger;
    private volatile Held? _now;
    private Held? _told;

    public FeedHold(NpgsqlDataSource postgres, IMeterFactory meters, TimeProvider clock, ILogger<FeedHold> logger)
    {
        (_postgres, _clock, _logger) = (postgres, clock, logger);
        meters.Create(LedgerMetrics.MeterName).CreateObservableGauge(
            "smscrm.feed.held", Measure, "s", "For how long an open transaction has held the feeds back; from 5 s on with its session");
    }

    /// <summary>For how long the feeds have been held back; zero: they are not.</summary>
    public TimeSpan Age => AgeOf(_now);

    /// <summary>One caller at a time.</summary>
    internal async Task LookAsync(CancellationToken cancellation)
    {
        var holder = await ReadAsync(cancellation).ConfigureAwait(false);
        var now = holder is null ? null
            : _now is { } before && before.By.Transaction == holder.Transaction ? before with { By = holder, IsConfirmed = true }
            : new Held(holder, _clock.GetTimestamp() - (long)((holder.Age ?? TimeSpan.Zero).TotalSeconds * _clock.TimestampFrequency));
        _now = now;
        if (_told is { } told && told.By.Transaction != now?.By.Transaction)
        {
            Log.FeedsGoOn(_logger, _clock.GetElapsedTime(told.Since).TotalSeconds, told.By.ToString());
            _told = null;
        }

        if (_told is null && AgeOf(now) is var age && age >= ToldAfter)
        {
            Log.FeedsHeld(_logger, age.TotalSeconds, now!.By.ToString());
            _told = now;
        }
    }

    /// <summary>Nothing is known any more until the next look: Postgres is away.</summary>
    internal void Forget() => _now = null;

    private TimeSpan AgeOf(Held? held) => held is { IsConfirmed: true } ? _clock.GetElapsedTime(held.Since) : TimeSpan.Zero;

    private async Task<FeedHolder?> ReadAsync(CancellationToken cancellation)
    {
        await using var command = _postgres.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false)
            ? new FeedHolder(
                reader.GetFieldValue<ulong>(0),
                reader.IsDBNull(1) ? null : reader.GetInt32(1),
                reader.IsDBNull(2) ? "" : reader.GetString(2),
                reader.IsDBNull(3) ? "" : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetTimeSpan(4))
            : null;
    }

    private Measurement<double> Measure()
    {
        var now = _now;
        var age = AgeOf(now);
        return age < NamedAfter ? new Measurement<double>(age.TotalSeconds) : new Measurement<double>(age.TotalSeconds, TagsOf(now!.By));
    }

    private static TagList TagsOf(FeedHolder holder) => holder.Pid is { } pid
        ? new TagList { { "pid", pid }, { "application_name", holder.Name }, { "database", holder.Database } }
        : new TagList { { "application_name", "(prepared)" }, { "database", holder.Database } };

    /// <param name="Since">The clock's timestamp.</param>
    private sealed record Held(FeedHolder By, long Since)
    {
        /// <summary>Seen at two looks.</summary>
        public bool IsConfirmed { get; init; }
    }
}
