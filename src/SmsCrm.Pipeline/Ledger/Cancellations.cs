using Npgsql;
using NpgsqlTypes;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>What a cancellation is of: a tenant's everything, a campaign, or a recipient.</summary>
/// <param name="CampaignId">Null: not of a campaign.</param>
/// <param name="Number">Null: not of a recipient.</param>
public readonly record struct CancellationTarget(string? CampaignId, PhoneNumber? Number)
{
    public static CancellationTarget Everything => default;
}

/// <summary>How a target's messages stand.</summary>
/// <param name="Cancelled">Cancelled, before or now.</param>
/// <param name="Waiting">Accepted and not yet met by anybody: cancelled when they are.</param>
/// <param name="TooLate">Claimed or later.</param>
public readonly record struct CancellationCount(long Cancelled, long Waiting, long TooLate);

/// <summary>
/// Cancellations of many at once: a row that the facts of every batch see, and which covers what was accepted up to its commit and a second more.
/// Throws Npgsql's exceptions.
/// </summary>
public sealed class Cancellations
{
    private const int AtOnce = 1_000;

    private const string RecordSql =
        """
        INSERT INTO cancellations (id, tenant_id, kind, campaign_id, number, covers_until, actor)
        VALUES ($1, $2, $3, $4, $5, clock_timestamp() + interval '1 second', $6)
        """;

    private const string WaitingSql =
        """
        SELECT message_id FROM waiting
        WHERE purpose IN (1, 2) AND tenant_id = $1 AND ($2::text IS NULL OR campaign_id = $2) ORDER BY message_id LIMIT $3
        """;

    private const string OfRecipientSql =
        "SELECT id, state FROM messages WHERE recipient = $1 AND tenant_id = $2 ORDER BY id DESC LIMIT 10000";

    private const string CountSql =
        """
        SELECT state, sum(messages)::bigint FROM (
          SELECT state, messages FROM message_counts WHERE tenant_id = $1 AND ($2::text IS NULL OR campaign_id = $2)
          UNION ALL
          SELECT state, messages FROM count_deltas WHERE tenant_id = $1 AND ($2::text IS NULL OR campaign_id = $2)
        ) counted GROUP BY state
        """;

    private readonly NpgsqlDataSource _postgres;

    internal Cancellations(NpgsqlDataSource postgres) => _postgres = postgres;

    /// <param name="actor">Who asked for it, 1 to 200 characters.</param>
    public async Task RecordAsync(TenantId tenant, CancellationTarget target, string actor, CancellationToken cancellation)
    {
        await using var command = _postgres.CreateCommand(RecordSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(target.Number is not null ? 3 : target.CampaignId is not null ? 2 : 1) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = target.CampaignId ?? "" });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = target.Number?.Digits ?? 0 });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>At most 1,000 of those that can still be cancelled: what waits, and of a recipient what is queued too.</summary>
    public async Task<IReadOnlyList<MessageId>> ReadOpenAsync(TenantId tenant, CancellationTarget target, CancellationToken cancellation)
    {
        if (target.Number is { } number)
        {
            return [.. (await RowsOfAsync(tenant, number, cancellation).ConfigureAwait(false)).Where(row => IsOpen(row.State)).Take(AtOnce).Select(row => row.Id)];
        }

        await using var command = _postgres.CreateCommand(WaitingSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(Text(target.CampaignId));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var ids = new List<MessageId>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            ids.Add(new MessageId(reader.GetGuid(0)));
        }

        return ids;
    }

    /// <summary>From the counts; of a recipient from its rows, the newest 10,000.</summary>
    public async Task<CancellationCount> CountAsync(TenantId tenant, CancellationTarget target, CancellationToken cancellation)
    {
        if (target.Number is { } number)
        {
            return Sum((await RowsOfAsync(tenant, number, cancellation).ConfigureAwait(false)).Select(row => (row.State, 1L)));
        }

        await using var command = _postgres.CreateCommand(CountSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(Text(target.CampaignId));
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var states = new List<(MessageState, long)>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            states.Add(((MessageState)reader.GetInt16(0), reader.GetInt64(1)));
        }

        return Sum(states);
    }

    private async Task<List<(MessageId Id, MessageState State)>> RowsOfAsync(TenantId tenant, PhoneNumber number, CancellationToken cancellation)
    {
        await using var command = _postgres.CreateCommand(OfRecipientSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<(MessageId, MessageState)>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add((new MessageId(reader.GetGuid(0)), (MessageState)reader.GetInt16(1)));
        }

        return rows;
    }

    private static CancellationCount Sum(IEnumerable<(MessageState State, long Count)> states)
    {
        var (cancelled, waiting, tooLate) = (0L, 0L, 0L);
        foreach (var (state, count) in states)
        {
            _ = state switch
            {
                MessageState.Cancelled => cancelled += count,
                _ when IsOpen(state) => waiting += count,
                MessageState.Rejected => 0,
                _ => tooLate += count,
            };
        }

        return new CancellationCount(cancelled, waiting, tooLate);
    }

    private static bool IsOpen(MessageState state) => state is MessageState.Queued or MessageState.Deferred;

    private static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
