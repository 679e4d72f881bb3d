using Npgsql;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>What became of a decision on a review: a closed set.</summary>
public abstract record ReviewOutcome
{
    private ReviewOutcome()
    {
    }

    /// <param name="IsSuppressed">Whether the number is suppressed now: other opt-outs of it may stand.</param>
    public sealed record Decided(string Number, bool IsSuppressed) : ReviewOutcome;

    /// <summary>This tenant has no such review.</summary>
    public sealed record NotFound : ReviewOutcome;

    /// <summary>It was decided the other way before; that stays.</summary>
    /// <param name="State"><c>confirmed</c> or <c>lifted</c>.</param>
    public sealed record DecidedOtherwise(string State) : ReviewOutcome;
}

/// <summary>
/// Decides on texts that looked like a wish to stop and were suppressed at once. To lift one ends its own suppression and no other: while another
/// opt-out of the number stands, a STOP or a wish nobody lifted, the number stays suppressed. Throws Npgsql's exceptions.
/// </summary>
public sealed class InboundReviews(NpgsqlDataSource database)
{
    private const short Confirmed = 1;
    private const short Lifted = 2;

    private const string FindSql = "SELECT state, number FROM inbound_reviews WHERE tenant_id = $1 AND id = $2 FOR UPDATE";

    private const string DecideSql =
        "UPDATE inbound_reviews SET state = $3, decided_at = clock_timestamp(), decided_by = $4 WHERE tenant_id = $1 AND id = $2";

    // With the recipient's row locked, whoever suppresses or lifts it waits for this decision.
    private const string SuppressedAtSql = """
        SELECT CASE WHEN lifted_at IS NULL OR lifted_at < suppressed_at THEN suppressed_at END FROM recipients
        WHERE tenant_id = $1 AND number = $2 FOR NO KEY UPDATE
        """;

    private const string StandsSql = """
        SELECT EXISTS (
          SELECT FROM consent_records c
          WHERE c.tenant_id = $1 AND c.number = $2 AND c.kind = 'suppressed'
            AND c.id > coalesce((SELECT max(id) FROM consent_records WHERE tenant_id = $1 AND number = $2 AND kind = 'lifted'), 0)
            AND NOT EXISTS (SELECT FROM inbound_reviews v WHERE v.tenant_id = $1 AND v.number = $2 AND v.consent_id = c.id AND v.state = 2))
        """;

    /// <summary>It was a wish to stop: the suppression stays.</summary>
    /// <param name="actor">Who decides, 1 to 200 characters.</param>
    public Task<ReviewOutcome> ConfirmAsync(TenantId tenant, Guid review, string actor, CancellationToken cancellation) =>
        DecideAsync(tenant, review, Confirmed, actor, cancellation);

    /// <summary>It was none: its suppression is lifted, for what is accepted from now on, and the change is on record.</summary>
    /// <param name="actor">Who decides, 1 to 200 characters.</param>
    public Task<ReviewOutcome> LiftAsync(TenantId tenant, Guid review, string actor, CancellationToken cancellation) =>
        DecideAsync(tenant, review, Lifted, actor, cancellation);

    private async Task<ReviewOutcome> DecideAsync(TenantId tenant, Guid review, short decision, string actor, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        if (await FindAsync(connection, tenant, review, cancellation).ConfigureAwait(false) is not var (state, number))
        {
            return new ReviewOutcome.NotFound();
        }

        if (state != 0 && state != decision)
        {
            return new ReviewOutcome.DecidedOtherwise(state == Confirmed ? "confirmed" : "lifted");
        }

        var suppressedAt = await ScalarAsync<DateTime>(new NpgsqlCommand(SuppressedAtSql, connection), tenant, number, cancellation).ConfigureAwait(false);
        if (state == 0)
        {
            await using var decide = new NpgsqlCommand(DecideSql, connection);
            decide.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            decide.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = review });
            decide.Parameters.Add(new NpgsqlParameter<short> { TypedValue = decision });
            decide.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor });
            await decide.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            if (decision == Lifted && suppressedAt is { } at
                && await ScalarAsync<bool>(new NpgsqlCommand(StandsSql, connection), tenant, number, cancellation).ConfigureAwait(false) == false)
            {
                var lifted = await SuppressionList.LiftAsync(
                    connection, tenant, number, new DateTimeOffset(at, TimeSpan.Zero).AddMicroseconds(1), new RecipientChange("review", actor)).ConfigureAwait(false);
                suppressedAt = lifted ? null : suppressedAt;
            }
        }

        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return new ReviewOutcome.Decided(number.ToString(), suppressedAt is not null);
    }

    private static async Task<(short State, PhoneNumber Number)?> FindAsync(
        NpgsqlConnection connection, TenantId tenant, Guid review, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(FindSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = review });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? (reader.GetInt16(0), new PhoneNumber(reader.GetInt64(1))) : null;
    }

    private static async Task<T?> ScalarAsync<T>(NpgsqlCommand command, TenantId tenant, PhoneNumber number, CancellationToken cancellation)
        where T : struct
    {
        await using var asking = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is T value ? value : null;
    }
}
