using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>An attempt of which nobody knows, with what it can be told by in the provider's list.</summary>
internal sealed record OpenAttempt(LedgerRow Row, DateTimeOffset ClaimedAt, long ContentHash)
{
    public MessageId Id => Row.Id;
}

/// <summary>What is needed to look for unknown attempts in the provider's list. Every answer is bounded by what is asked for.</summary>
internal sealed class AttemptReads(NpgsqlDataSource postgres)
{
    /// <summary>How long before a claim an equal text still makes the two indistinguishable: what was claimed then may be created at the provider after it.</summary>
    public static readonly TimeSpan Blur = TimeSpan.FromSeconds(15);

    private const string ClaimsSql = "SELECT id, claimed_at, content_hash FROM messages WHERE id = ANY ($1) AND id BETWEEN $2 AND $3 AND claimed_at IS NOT NULL";

    private const string EqualsSql =
        """
        SELECT m.id FROM messages m
        WHERE m.id = ANY ($1) AND m.id BETWEEN $2 AND $3 AND EXISTS (
          SELECT FROM messages o WHERE o.recipient = m.recipient AND o.account_id = m.account_id AND o.content_hash = m.content_hash
            AND o.id <> m.id AND o.claimed_at >= m.claimed_at - $4)
        """;

    private const string BoundSql =
        """
        SELECT m.sid_kind::text, m.sid FROM unnest($1, $2) AS wanted (recipient, sid)
        JOIN messages m ON m.recipient = wanted.recipient AND m.sid = wanted.sid
        """;

    public async Task<IReadOnlyList<OpenAttempt>> ReadAsync(IReadOnlyList<LedgerRow> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var byId = rows.ToDictionary(row => row.Id);
        await using var command = OnIds(ClaimsSql, [.. byId.Keys]);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var attempts = new List<OpenAttempt>(rows.Count);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            attempts.Add(new OpenAttempt(
                byId[new MessageId(reader.GetGuid(0))], new DateTimeOffset(reader.GetDateTime(1), TimeSpan.Zero), reader.GetInt64(2)));
        }

        return attempts;
    }

    /// <summary>Those beside which another message with the same account, number and body was claimed, from <see cref="Blur"/> before its claim until now.</summary>
    public async Task<IReadOnlySet<MessageId>> ReadBlurredAsync(IReadOnlyCollection<MessageId> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0)
        {
            return new HashSet<MessageId>();
        }

        await using var command = OnIds(EqualsSql, ids);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Blur });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var blurred = new HashSet<MessageId>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            blurred.Add(new MessageId(reader.GetGuid(0)));
        }

        return blurred;
    }

    /// <summary>Those of the sids that some message has.</summary>
    public async Task<IReadOnlySet<ProviderSid>> ReadBoundAsync(
        IReadOnlyCollection<(PhoneNumber To, ProviderSid Sid)> listed, CancellationToken cancellation)
    {
        var bound = new HashSet<ProviderSid>();
        if (listed.Count == 0)
        {
            return bound;
        }

        await using var command = postgres.CreateCommand(BoundSql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. listed.Select(text => text.To.Digits)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. listed.Select(text => text.Sid.Value)] });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            bound.Add(new ProviderSid(reader.GetString(0)[0], reader.GetGuid(1)));
        }

        return bound;
    }

    /// <summary>Whether nobody holds the worker's lock (<see cref="WorkerPresenceLoop"/>): it is gone, and so is whatever it was about to send.</summary>
    public async Task<bool> IsGoneAsync(Guid worker, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("SELECT pg_try_advisory_xact_lock($1)");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = WorkerPresenceLoop.KeyOf(worker) });
        return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    private NpgsqlCommand OnIds(string sql, IReadOnlyCollection<MessageId> ids)
    {
        var command = postgres.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Select(id => id.Value)] });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ids.Min().Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = ids.Max().Value });
        return command;
    }
}
