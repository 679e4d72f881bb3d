using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>What the releaser reads. Nothing here locks or changes a row.</summary>
internal sealed class WaitingReads(NpgsqlDataSource database)
{
    // From lane to lane by the index, never through a lane: as many steps as there are lanes, however long they are.
    private const string LanesSql = """
        WITH RECURSIVE lanes AS (
          (SELECT tenant_id, sender_id, campaign_id FROM waiting WHERE purpose = $1 ORDER BY tenant_id, sender_id, campaign_id LIMIT 1)
          UNION ALL
          SELECT n.tenant_id, n.sender_id, n.campaign_id FROM lanes l CROSS JOIN LATERAL (
            SELECT w.tenant_id, w.sender_id, w.campaign_id FROM waiting w
            WHERE w.purpose = $1 AND (w.tenant_id, w.sender_id, w.campaign_id) > (l.tenant_id, l.sender_id, l.campaign_id)
            ORDER BY w.tenant_id, w.sender_id, w.campaign_id LIMIT 1) n
        )
        SELECT l.tenant_id, l.sender_id, l.campaign_id, h.due_at, h.reason, clock_timestamp()
        FROM (SELECT * FROM lanes LIMIT 20000) l CROSS JOIN LATERAL (
          SELECT w.due_at, w.reason FROM waiting w
          WHERE w.purpose = $1 AND w.tenant_id = l.tenant_id AND w.sender_id = l.sender_id AND w.campaign_id = l.campaign_id
          ORDER BY w.due_at, w.message_id LIMIT 1) h
        WHERE h.due_at <= clock_timestamp()
        """;

    private const string DueSql = """
        SELECT l.number, w.message_id, m.version, w.due_at, w.reason, w.segments, m.request
        FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS l (tenant_id, sender_id, campaign_id, most, number)
        CROSS JOIN LATERAL (
          SELECT w.message_id, w.due_at, w.reason, w.segments FROM waiting w
          WHERE w.purpose = $1 AND w.tenant_id = l.tenant_id AND w.sender_id = l.sender_id AND w.campaign_id = l.campaign_id
            AND w.due_at <= clock_timestamp()
          ORDER BY w.due_at, w.message_id LIMIT l.most) w
        JOIN messages m ON m.id = w.message_id AND m.state = 2
        ORDER BY l.number, w.due_at, w.message_id
        """;

    private const string QueuedSql = """
        SELECT m.id, m.version, m.segments, m.request, uuid7_floor(clock_timestamp() - $2) FROM (SELECT) one
        LEFT JOIN LATERAL (
          SELECT id, version, segments, request FROM messages
          WHERE id >= $1 AND id < uuid7_floor(clock_timestamp() - $2) AND state = 1 ORDER BY id LIMIT $3) m ON true
        """;

    /// <summary>The lanes of a purpose that have something due, and the database's clock.</summary>
    public async Task<(List<DueLane> Lanes, DateTimeOffset Now)> LanesAsync(Purpose purpose, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(LanesSql);
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)purpose });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var lanes = new List<DueLane>();
        var now = DateTimeOffset.MinValue;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            lanes.Add(new DueLane(
                new LaneKey(new TenantId(reader.GetGuid(0)), reader.GetGuid(1), purpose, reader.GetString(2)), Time(reader, 3), (Reason)reader.GetInt16(4)));
            now = Time(reader, 5);
        }

        return (lanes, now);
    }

    /// <summary>The first due rows of each lane, up to so many of each, in their order; by the lane's index.</summary>
    public async Task<List<(int Lane, DueRow Row)>> DueAsync(
        Purpose purpose, IReadOnlyList<(LaneKey Lane, int Most)> lanes, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(DueSql);
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)purpose });
        command.Parameters.Add(Array(lanes.Select(lane => lane.Lane.Tenant.Value), NpgsqlDbType.Uuid));
        command.Parameters.Add(Array(lanes.Select(lane => lane.Lane.SenderId), NpgsqlDbType.Uuid));
        command.Parameters.Add(Array(lanes.Select(lane => lane.Lane.CampaignId), NpgsqlDbType.Text));
        command.Parameters.Add(Array(lanes.Select(lane => lane.Most), NpgsqlDbType.Integer));
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<(int, DueRow)>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(((int)reader.GetInt64(0) - 1, new DueRow(
                new MessageId(reader.GetGuid(1)),
                reader.GetInt32(2),
                Time(reader, 3),
                (Reason)reader.GetInt16(4),
                reader.GetInt16(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6))));
        }

        return rows;
    }

    /// <summary>Rows that are still queued after that time, by id from <paramref name="from"/> on; and the id that the scan went up to.</summary>
    public async Task<(List<DueRow> Rows, MessageId Bound)> QueuedAsync(MessageId from, TimeSpan after, int most, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(QueuedSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = from.Value });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<DueRow>();
        var bound = from;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            bound = new MessageId(reader.GetGuid(4));
            if (!reader.IsDBNull(0))
            {
                rows.Add(new DueRow(
                    new MessageId(reader.GetGuid(0)), reader.GetInt32(1), default, Reason.None, reader.GetInt16(2),
                    reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3)));
            }
        }

        return (rows, bound);
    }

    private static NpgsqlParameter Array<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);
}
