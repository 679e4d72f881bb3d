using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// This process as the claims name it, with an advisory lock of its session that says that it is still there: a process that was stopped keeps it,
/// one that is gone does not. Nothing is claimed while it is not held, so that whoever finds it free knows that no POST of this worker is to come.
/// </summary>
public sealed class WorkerPresenceLoop : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private readonly NpgsqlDataSource _postgres;
    private readonly TimeProvider _clock;
    private readonly ILogger<WorkerPresenceLoop> _logger;
    private TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkerPresenceLoop(NpgsqlDataSource postgres, TimeProvider clock, ILogger<WorkerPresenceLoop> logger) =>
        (_postgres, _clock, _logger) = (postgres, clock, logger);

    public Guid Worker { get; } = Guid.CreateVersion7();

    /// <summary>Waits until the lock is held; at once where it is.</summary>
    public Task WaitUntilHeldAsync(CancellationToken cancellation) => _held.Task.WaitAsync(cancellation);

    /// <summary>The advisory lock's key: a UUIDv7's random half.</summary>
    internal static long KeyOf(Guid worker) => BitConverter.ToInt64(worker.ToByteArray(), 8);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, _clock);
        do
        {
            try
            {
                await HoldAsync(timer, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.PresenceLost(_logger, e);
            }

            if (_held.Task.IsCompleted)
            {
                _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    /// <summary>Until the connection is lost. The session of a lost connection may have the lock for a moment more.</summary>
    private async Task HoldAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        await using var connection = await _postgres.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
        take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = KeyOf(Worker) });
        while (!(bool)(await take.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!)
        {
            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }

        _held.TrySetResult();
        await using var ping = new NpgsqlCommand("SELECT 1", connection);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            await ping.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
        }
    }
}
