using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Where a feed's rows are.</summary>
/// <param name="Table">Has <c>tenant_id</c>, and <c>xid</c> and <c>seq</c> by the defaults that <c>message_events</c> has.</param>
/// <param name="Columns">What is read of a row, which is <c>r</c>, and of what is joined to it.</param>
internal sealed record FeedSql(string Table, string Columns)
{
    /// <summary>As the id of a message: null, so that nothing is looked up, where the row's tenant is not among those who were asked for.</summary>
    public const string MessageOfTenants = "CASE WHEN $3::uuid[] IS NULL OR r.tenant_id = ANY($3) THEN r.message_id END";

    /// <summary>Which of the table's rows.</summary>
    public string Filter { get; init; } = "true";

    /// <summary>
    /// Each LATERAL with a LIMIT of its own: without one Postgres may read the whole of the joined table once instead of looking up the few rows.
    /// </summary>
    public string Joins { get; init; } = "";

    /// <summary>Rows up to this transaction may be gone; 0: none is.</summary>
    public string Floor { get; init; } = "'0'::xid8";

    /// <summary>
    /// The limit stands in the text: the statement is planned once for all positions, and with a limit that is not known a tenth of the table would be
    /// expected, and sorted.
    /// </summary>
    public string Text(int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"""
        SELECT s.system_identifier, c.timeline_id, {Floor}, pg_snapshot_xmin(pg_current_snapshot()), r.xid, r.seq, r.tenant_id, {Columns}
        FROM pg_control_system() s, pg_control_checkpoint() c
        LEFT JOIN LATERAL (
          SELECT * FROM {Table}
          WHERE (xid, seq) > ($1, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot()) AND {Filter}
          ORDER BY xid, seq LIMIT {limit}
        ) r ON true
        {Joins}
        ORDER BY r.xid, r.seq
        """);
}

/// <summary>
/// The tail of one table, of all tenants. Rows below the oldest transaction still open, ordered by transaction and sequence number, rows and
/// that bound from one statement: a transaction that commits late has a place above every position handed out before. All feeds of a database
/// have their positions in common.
/// </summary>
public abstract class Feed
{
    /// <summary>Most items a read.</summary>
    public const int MostAtOnce = 5_000;

    /// <summary>Where <see cref="FeedSql.Columns"/> begin.</summary>
    private protected const int First = 7;

    private const string NowSql =
        """
        SELECT s.system_identifier, c.timeline_id, pg_snapshot_xmin(pg_current_snapshot())
        FROM pg_control_system() s, pg_control_checkpoint() c
        """;

    private readonly NpgsqlDataSource _postgres;
    private readonly FeedSql _sql;

    private protected Feed(NpgsqlDataSource postgres, FeedSql sql) => (_postgres, _sql) = (postgres, sql);

    /// <summary>The end of every feed: what commits from now on comes after it.</summary>
    public async Task<FeedPosition> EndAsync(CancellationToken cancellation)
    {
        await using var command = _postgres.CreateCommand(NowSql);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return new FeedPosition(reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<ulong>(2), -1);
    }

    /// <summary>What comes after a position, of all tenants; at most <paramref name="limit"/>, 1 to 5,000.</summary>
    /// <param name="messagesOf">
    /// Only of these tenants' items the message is looked up, which is most of what an item costs: the others come without what the message
    /// says. Null: of all.
    /// </param>
    public async Task<FeedRead> ReadAfterAsync(FeedPosition position, int limit, CancellationToken cancellation, Guid[]? messagesOf = null)
    {
        limit = Math.Clamp(limit, 1, MostAtOnce);
        await using var batch = _postgres.CreateBatch();

        // One transaction with it: rows are looked up one by one, however the table was when this connection planned the statement.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne));
        var command = new NpgsqlBatchCommand(Text(limit));
        command.Parameters.Add(new NpgsqlParameter { Value = position.Transaction, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Sequence });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)messagesOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        var items = new List<FeedItem>();
        var bound = position;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var open = reader.GetFieldValue<ulong>(3);
            if (Refusal(position, reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<ulong>(2), open) is { } refusal)
            {
                return refusal;
            }

            bound = position with { Transaction = open, Sequence = -1 };
            if (!reader.IsDBNull(4))
            {
                var place = position with { Transaction = reader.GetFieldValue<ulong>(4), Sequence = reader.GetInt64(5) };
                items.Add(Read(reader, place, new TenantId(reader.GetGuid(6))));
            }
        }

        return items.Count == limit
            ? new FeedRead.Batch(items, items[^1].Position, More: true)
            : new FeedRead.Batch(items, bound, More: false);
    }

    /// <summary>The statement. $1 and $2: the position, $3: whose messages are looked up.</summary>
    internal string Text(int limit) => _sql.Text(limit);

    /// <summary>The row that the reader stands at.</summary>
    private protected abstract FeedItem Read(NpgsqlDataReader reader, FeedPosition place, TenantId tenant);

    private protected static DateTimeOffset Time(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);

    private protected static string TextOf(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    private static FeedRead.OutOfRange? Refusal(FeedPosition position, long system, int timeline, ulong floor, ulong open)
    {
        if (position.SystemIdentifier != system || position.Timeline != timeline)
        {
            return new($"The position is of another database (timeline {position.Timeline}, this is {timeline}): begin from now.");
        }

        if (floor > 0 && position.Transaction <= floor)
        {
            return new("The position is older than the events that are kept: begin from now.", position with { Transaction = floor + 1, Sequence = -1 });
        }

        return position.Transaction > open ? new("The position lies ahead of this database: begin from now.") : null;
    }
}
