using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>A row as the provider's word is folded into it.</summary>
internal sealed record LockedRow(MessageId Id, TenantId Tenant, RowFacts Facts, int SeenBits, ProviderSid? Sid);

/// <summary>Locks rows for a decision, and reads what it is made on.</summary>
internal static class LockedRows
{
    /// <summary>Begins a transaction and locks the rows, in the order of their ids; an id without a row is absent.</summary>
    public static async Task<Dictionary<MessageId, LockedRow>> LockAsync(NpgsqlConnection connection, IReadOnlyList<MessageId> sortedIds)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LedgerSql.LookUpOneByOne));
        batch.BatchCommands.Add(ChangeParameters.LockRows(LedgerSql.LockAndReadRows, sortedIds));
        var rows = new Dictionary<MessageId, LockedRow>(sortedIds.Count);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            var row = ReadLocked(reader);
            rows.Add(row.Id, row);
        }

        return rows;
    }

    /// <summary>What the timelines say of other sids; asked for the few rows that have such a line.</summary>
    public static async Task<ILookup<MessageId, string>> ReadToldTwiceAsync(NpgsqlConnection connection, Guid[] ids)
    {
        var twice = new List<(MessageId Id, string Detail)>();
        if (ids.Length > 0)
        {
            await using var command = new NpgsqlCommand(LedgerSql.ReadTextedTwice, connection)
            {
                Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } },
            };
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                twice.Add((new MessageId(reader.GetGuid(0)), reader.IsDBNull(1) ? "" : reader.GetString(1)));
            }
        }

        return twice.ToLookup(told => told.Id, told => told.Detail);
    }

    private static LockedRow ReadLocked(NpgsqlDataReader reader) => new(
        new MessageId(reader.GetGuid(0)),
        new TenantId(reader.GetGuid(1)),
        new RowFacts((MessageState)reader.GetInt16(2), reader.GetInt32(3), reader.GetInt16(4), (Reason)reader.GetInt16(5), reader.GetInt32(6), RowChange.IsByEvidence(reader.GetInt32(7))),
        reader.GetInt32(7),
        reader.IsDBNull(9) ? null : new ProviderSid(reader.GetString(8)[0], reader.GetGuid(9)));
}
