using Dapper;
using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Webhooks;

/// <summary>One event for one endpoint.</summary>
/// <param name="WebhookId">What receivers get as <c>webhook-id</c>.</param>
/// <param name="State"><c>waiting</c>, <c>delivered</c> or <c>given_up</c>.</param>
/// <param name="LastStatus">Of the last attempt's answer; null: none, or no attempt yet.</param>
/// <param name="NextAttemptAt">The earliest time of the next one; null: there is none.</param>
public sealed record WebhookDelivery(
    Guid Id, string WebhookId, string Event, Guid? MessageId, string State, int Attempts, int? LastStatus, DateTimeOffset? NextAttemptAt, DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>One attempt.</summary>
/// <param name="Status">Null: no answer, and <paramref name="Error"/> says why.</param>
/// <param name="ResponseHead">The first bytes of the answer's body, up to 1,024.</param>
public sealed record WebhookAttempt(int Number, DateTimeOffset At, int? Status, int LatencyMs, string? Error, string? ResponseHead);

/// <summary>A delivery with all of its attempts that are kept, up to 200, and its body.</summary>
public sealed record WebhookDeliveryDetail(WebhookDelivery Delivery, IReadOnlyList<WebhookAttempt> Attempts, string Body);

/// <summary>What became of the wish for a delivery: a closed set.</summary>
public enum EnqueueOutcome
{
    /// <summary>It is due now.</summary>
    Enqueued,
    NotFound,

    /// <summary>The endpoint is off: switch it on first.</summary>
    SwitchedOff,
}

/// <summary>The log of deliveries, and deliveries that are asked for by hand.</summary>
public sealed class WebhookDeliveries(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Deliveries of one page.</summary>
    public const int MostPerPage = 200;

    private const string Columns = """
        id, event, message_id AS messageid, state, attempts, last_status AS laststatus, CASE WHEN state = 0 THEN greatest(due_at, now()) END AS dueat, created_at AS createdat,
        finished_at AS finishedat
        """;

    // What is asked for by hand comes before what waits: due since ever.
    private const string WakeSql = """
        UPDATE webhook_endpoints SET waiting = waiting + @made, paused_until = NULL,
          due_at = CASE WHEN held_until > clock_timestamp() THEN due_at ELSE now() END
        WHERE id = @endpoint
        """;

    /// <summary>What receivers get as <c>webhook-id</c>: the same at every attempt and redelivery.</summary>
    public static string IdOf(Guid delivery) => WebhookPayload.IdOf(delivery);

    /// <summary>An endpoint's deliveries, newest first.</summary>
    /// <param name="before">Only those with a lower id; null: from the newest.</param>
    /// <param name="limit">1 to 200.</param>
    public async Task<IReadOnlyList<WebhookDelivery>> ListAsync(TenantId tenant, Guid endpoint, Guid? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT {Columns} FROM webhook_deliveries
            WHERE endpoint_id = @endpoint AND tenant_id = @tenant AND (@before::uuid IS NULL OR id < @before) ORDER BY id DESC LIMIT @limit
            """,
            new { tenant = tenant.Value, endpoint, before, limit = Math.Clamp(limit, 1, MostPerPage) },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return [.. rows.Select(static row => row.ToDelivery())];
    }

    public async Task<WebhookDeliveryDetail?> GetAsync(TenantId tenant, Guid endpoint, Guid delivery, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns}, body FROM webhook_deliveries WHERE id = @delivery AND endpoint_id = @endpoint AND tenant_id = @tenant",
            new { tenant = tenant.Value, endpoint, delivery },
            cancellationToken: cancellation)).ConfigureAwait(false);
        if (row is null)
        {
            return null;
        }

        var attempts = await connection.QueryAsync<AttemptRow>(new CommandDefinition(
            """
            SELECT number, at, status, latency_ms AS latencyms, error, response_head AS responsehead
            FROM webhook_attempts WHERE delivery_id = @delivery ORDER BY number DESC LIMIT 200
            """,
            new { delivery },
            cancellationToken: cancellation)).ConfigureAwait(false);
        return new WebhookDeliveryDetail(
            row.ToDelivery(),
            [.. attempts.Reverse().Select(static a => new WebhookAttempt(a.Number, a.At, a.Status, a.LatencyMs, a.Error, a.ResponseHead))],
            row.Body);
    }

    /// <summary>A test event for one endpoint, whatever its filter says.</summary>
    public async Task<(EnqueueOutcome Outcome, Guid Delivery)> TestAsync(TenantId tenant, Guid endpoint, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var outcome = await EnqueueAsync(
            tenant,
            endpoint,
            """
            INSERT INTO webhook_deliveries (id, tenant_id, endpoint_id, event, body, due_at)
            VALUES (@delivery, @tenant, @endpoint, @name, @body, 'epoch')
            RETURNING 1
            """,
            new { delivery = id, tenant = tenant.Value, endpoint, name = WebhookEvents.Test, body = WebhookPayload.OfTest(endpoint, now) },
            cancellation).ConfigureAwait(false);
        return (outcome, id);
    }

    /// <summary>Makes a delivery again, from the schedule's beginning, under the same id; one that waits is due now.</summary>
    public Task<EnqueueOutcome> RedeliverAsync(TenantId tenant, Guid endpoint, Guid delivery, CancellationToken cancellation) => EnqueueAsync(
        tenant,
        endpoint,
        """
        WITH before AS (
          SELECT id, state FROM webhook_deliveries WHERE id = @delivery AND endpoint_id = @endpoint AND tenant_id = @tenant FOR UPDATE
        )
        UPDATE webhook_deliveries d SET state = 0, tries = 0, due_at = 'epoch', finished_at = NULL FROM before WHERE d.id = before.id
        RETURNING CASE WHEN before.state = 0 THEN 0 ELSE 1 END
        """,
        new { tenant = tenant.Value, endpoint, delivery },
        cancellation);

    /// <param name="sql">Gives by how many more wait; no row: there is no such delivery.</param>
    private async Task<EnqueueOutcome> EnqueueAsync(TenantId tenant, Guid endpoint, string sql, object values, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var state = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "SELECT state FROM webhook_endpoints WHERE id = @endpoint AND tenant_id = @tenant FOR UPDATE",
            new { tenant = tenant.Value, endpoint },
            transaction,
            cancellationToken: cancellation)).ConfigureAwait(false);
        if (state is null or "off")
        {
            return state is null ? EnqueueOutcome.NotFound : EnqueueOutcome.SwitchedOff;
        }

        if (await connection.ExecuteScalarAsync<int?>(new CommandDefinition(sql, values, transaction, cancellationToken: cancellation)).ConfigureAwait(false) is not { } made)
        {
            return EnqueueOutcome.NotFound;
        }

        await connection.ExecuteAsync(new CommandDefinition(WakeSql, new { endpoint, made }, transaction, cancellationToken: cancellation)).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return EnqueueOutcome.Enqueued;
    }

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Event { get; init; } = "";

        public Guid? MessageId { get; init; }

        public short State { get; init; }

        public int Attempts { get; init; }

        public short? LastStatus { get; init; }

        public DateTime? DueAt { get; init; }

        public DateTime CreatedAt { get; init; }

        public DateTime? FinishedAt { get; init; }

        public string Body { get; init; } = "";

        public WebhookDelivery ToDelivery() => new(
            Id, WebhookPayload.IdOf(Id), Event, MessageId, State switch { 0 => "waiting", 1 => "delivered", _ => "given_up" }, Attempts, LastStatus, DueAt, CreatedAt,
            FinishedAt);
    }

    private sealed class AttemptRow
    {
        public int Number { get; init; }

        public DateTime At { get; init; }

        public short? Status { get; init; }

        public int LatencyMs { get; init; }

        public string? Error { get; init; }

        public string? ResponseHead { get; init; }
    }
}
