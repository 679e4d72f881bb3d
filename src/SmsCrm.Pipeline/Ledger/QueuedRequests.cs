using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Requests whose rows are still <c>queued</c>, as they were accepted.</summary>
internal sealed class QueuedRequests(NpgsqlDataSource postgres)
{
    private const string Sql =
        """
        SELECT id, request FROM messages
        WHERE state = 1 AND id > $1 AND id < uuid7_floor(clock_timestamp() - $2) AND ($3::uuid IS NULL OR tenant_id = $3) ORDER BY id LIMIT $4
        """;

    /// <param name="after">Those with a higher id.</param>
    /// <param name="olderThan">Accepted so long ago, by Postgres' clock.</param>
    /// <param name="most">1 to 10,000.</param>
    /// <returns>In the order of their ids; null where the row has no request.</returns>
    public async Task<IReadOnlyList<(MessageId Id, byte[]? Request)>> ReadAsync(
        MessageId after, TimeSpan olderThan, TenantId? tenant, int most, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Value });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = olderThan });
        command.Parameters.Add(new NpgsqlParameter { Value = tenant?.Value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<(MessageId, byte[]?)>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add((new MessageId(reader.GetGuid(0)), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)));
        }

        return rows;
    }
}
