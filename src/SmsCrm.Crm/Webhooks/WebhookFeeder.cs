using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Crm.Webhooks;

/// <summary>
/// Turns the feeds of events, inbound texts and clicks into deliveries. Of all processes one holds the turn; the position is stored with the
/// deliveries that it made, in one transaction that also asks whether the position is still the one that was read from: so nothing is left out
/// and nothing comes twice, whoever dies or believes to hold the turn. One caller at a time.
/// </summary>
internal sealed class WebhookFeeder(
    NpgsqlDataSource database, EventFeed events, InboundFeed texts, ClickFeed clicks, DeliveryEnqueue enqueue, DueSignal due, WebhooksMetrics metrics,
    TimeProvider clock, ILogger<WebhookFeeder> logger)
{
    // Of each feed.
    private const int EventsAtOnce = 1_000;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Prolong = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StoreIdle = TimeSpan.FromSeconds(1);

    private const string TakeSql = """
        UPDATE webhook_feed SET holder = $1, until = clock_timestamp() + $2 WHERE holder = $1 OR until < clock_timestamp()
        RETURNING coalesce(position, '')
        """;

    private const string StoreSql = "UPDATE webhook_feed SET position = $1 WHERE holder = $2 AND position IS NOT DISTINCT FROM $3";

    private const string TenantsSql = "SELECT array_agg(DISTINCT tenant_id) FROM webhook_endpoints WHERE state <> 'off'";

    // Clicks may be kept for less long than the feed once stands still: that is no reason to leave the others out.
    private readonly MergedFeed _feed = new(events, texts, clicks) { MayLack = clicks };
    private readonly Guid _holder = Guid.CreateVersion7(clock.GetUtcNow());
    private string? _stored;
    private FeedPosition? _position;
    private long _heldAt;
    private long _storedAt;
    private bool _holds;

    /// <returns>Whether there is more to read at once.</returns>
    public async Task<bool> StepAsync(CancellationToken cancellation)
    {
        if (!await HoldAsync(cancellation).ConfigureAwait(false))
        {
            metrics.FeedNotRead();
            return false;
        }

        // The end is read before the endpoints are looked for: an endpoint that is not seen was made after it.
        var end = await _feed.EndAsync(cancellation).ConfigureAwait(false);
        var tenants = await TenantsAsync(cancellation).ConfigureAwait(false);
        if (_position is null || tenants.Length == 0)
        {
            metrics.FeedNotRead();
            await MoveIdleAsync(end, cancellation).ConfigureAwait(false);
            return false;
        }

        switch (await _feed.ReadAfterAsync(_position.Value, EventsAtOnce, cancellation, tenants).ConfigureAwait(false))
        {
            case FeedRead.Batch batch:
                metrics.FeedRead(batch.Items);
                return !await HandleAsync(batch, tenants, cancellation).ConfigureAwait(false) || batch.More;
            case FeedRead.OutOfRange gone:
                Log.FeedBeginsAnew(logger, gone.Sentence);
                await StoreAsync(end, cancellation).ConfigureAwait(false);
                return true;
            case var other:
                throw new InvalidOperationException($"No answer for {other.GetType().Name}");
        }
    }

    /// <summary>Gives the turn back, so that another process need not wait for its end.</summary>
    public async Task ReturnAsync(CancellationToken cancellation)
    {
        _holds = false;
        await using var command = database.CreateCommand("UPDATE webhook_feed SET until = '-infinity', holder = NULL WHERE holder = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _holder });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<bool> HoldAsync(CancellationToken cancellation)
    {
        if (_holds && clock.GetElapsedTime(_heldAt) < Prolong)
        {
            return true;
        }

        var before = clock.GetTimestamp();
        await using var command = database.CreateCommand(TakeSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _holder });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Turn });
        var stored = await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as string;
        if (stored is not null && (!_holds || stored != (_stored ?? "")))
        {
            _stored = stored.Length == 0 ? null : stored;
            _position = FeedPosition.TryParse(stored, out var position) ? position : null;
        }

        (_holds, _heldAt) = (stored is not null, before);
        return _holds;
    }

    private async Task<Guid[]> TenantsAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(TenantsSql);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as Guid[] ?? [];
    }

    /// <summary>Nothing to deliver: the place moves on in memory, and in the database now and then.</summary>
    private async Task MoveIdleAsync(FeedPosition position, CancellationToken cancellation)
    {
        if (_position is null || clock.GetElapsedTime(_storedAt) >= StoreIdle)
        {
            await StoreAsync(position, cancellation).ConfigureAwait(false);
        }

        _position = position;
    }

    private async Task StoreAsync(FeedPosition position, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await CommitAsync(transaction, position, cancellation).ConfigureAwait(false);
    }

    /// <param name="tenants">Whose messages were looked up.</param>
    /// <returns>False: it must be read once more.</returns>
    private async Task<bool> HandleAsync(FeedRead.Batch batch, Guid[] tenants, CancellationToken cancellation)
    {
        var happened = batch.Items.Select(FedEvent.Of).OfType<FedEvent>().ToList();
        if (happened.Count == 0)
        {
            await MoveIdleAsync(batch.Position, cancellation).ConfigureAwait(false);
            return true;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        if (await enqueue.WriteAsync(transaction, happened, tenants, cancellation).ConfigureAwait(false) is not { } made)
        {
            return false;
        }

        if (await CommitAsync(transaction, batch.Position, cancellation).ConfigureAwait(false))
        {
            metrics.Enqueued(made);
            if (made > 0)
            {
                due.Set();
            }
        }

        return true;
    }

    /// <returns>False: another process has the turn now, and nothing was written.</returns>
    private async Task<bool> CommitAsync(NpgsqlTransaction transaction, FeedPosition position, CancellationToken cancellation)
    {
        var text = position.ToString();
        await using var store = new NpgsqlCommand(StoreSql, transaction.Connection, transaction);
        store.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        store.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _holder });
        store.Parameters.Add(new NpgsqlParameter { Value = (object?)_stored ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        if (await store.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false) != 1)
        {
            _holds = false;
            return false;
        }

        // Until the commit is known, what is stored is not: the next turn reads it.
        _holds = false;
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        (_stored, _position, _holds, _storedAt) = (text, position, true, clock.GetTimestamp());
        return true;
    }
}
