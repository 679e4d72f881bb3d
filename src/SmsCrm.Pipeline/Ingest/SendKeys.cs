using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>The message that took an idempotency key first, as the ledger has it.</summary>
internal readonly record struct SendKey(MessageId Id, byte[] Hash);

/// <summary>The ledger's side of idempotency keys, for reading; the ledger itself writes it with a message's first row.</summary>
internal interface ISendKeys
{
    /// <summary>Null where no message has the key. Throws Npgsql's exceptions.</summary>
    Task<SendKey?> FindAsync(TenantId tenant, string key, CancellationToken cancellation);
}

/// <summary>Reads keys in batches: those that come while a read is on its way go together in the next.</summary>
internal sealed class SendKeys : ISendKeys
{
    private const int BatchSize = 500;
    private const int Readers = 2;

    private const string Sql =
        """
        SELECT asked.n, found.message_id, found.request_hash
        FROM unnest($1, $2) WITH ORDINALITY AS asked (tenant_id, key, n)
        JOIN send_keys found ON found.tenant_id = asked.tenant_id AND found.key = asked.key
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly BatchCombiner<(Guid Tenant, string Key), SendKey?> _batches;

    public SendKeys(NpgsqlDataSource dataSource)
    {
        _dataSource = dataSource;
        _batches = new BatchCombiner<(Guid, string), SendKey?>(BatchSize, Readers, ReadAsync);
    }

    public Task<SendKey?> FindAsync(TenantId tenant, string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _batches.SubmitAsync((tenant.Value, key));
    }

    private async Task<IReadOnlyList<SendKey?>> ReadAsync(IReadOnlyList<(Guid Tenant, string Key)> asked)
    {
        var found = new SendKey?[asked.Count];
        await using var command = _dataSource.CreateCommand(Sql);
        command.CommandTimeout = 2;
        command.Parameters.Add(new NpgsqlParameter { Value = asked.Select(static a => a.Tenant).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = asked.Select(static a => a.Key).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            found[reader.GetInt64(0) - 1] = new SendKey(new MessageId(reader.GetGuid(1)), reader.GetFieldValue<byte[]>(2));
        }

        return found;
    }
}
