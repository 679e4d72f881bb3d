using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Crm.Webhooks;

/// <summary>
/// Takes endpoints that have something to do and visits them, many at once. Each visit has a slot; those that fail or are slow share a
/// quarter of the slots, so that however many hang, the others are visited at once.
/// </summary>
internal sealed class WebhookDeliveryLoop(
    WebhookQueue queue, EndpointVisit visit, VisitRecord record, DueSignal due, IOptions<WebhooksOptions> options, WebhooksMetrics metrics,
    TimeProvider clock, ILogger<WebhookDeliveryLoop> logger) : BackgroundService
{
    private const int SlowShare = 4;
    private const int WritersAtOnce = 8;
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HoldMargin = TimeSpan.FromSeconds(20);

    private readonly Guid _holder = Guid.CreateVersion7(clock.GetUtcNow());
    private readonly TimeSpan _hold = EndpointVisit.BeginsFor + TimeSpan.FromSeconds(options.Value.DeadlineSeconds) + HoldMargin;
    private readonly ConcurrentDictionary<Guid, Task> _visits = new();
    private readonly SemaphoreSlim _writers = new(WritersAtOnce);
    private int _quick;
    private int _slow;

    public override void Dispose()
    {
        base.Dispose();
        _writers.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var pause = TimeSpan.FromMilliseconds(options.Value.PollMs);
                try
                {
                    var slowSlots = Math.Max(1, options.Value.EndpointsAtOnce / SlowShare);
                    await TakeAsync(slowLane: false, options.Value.EndpointsAtOnce - slowSlots - Volatile.Read(ref _quick), stoppingToken).ConfigureAwait(false);
                    await TakeAsync(slowLane: true, slowSlots - Volatile.Read(ref _slow), stoppingToken).ConfigureAwait(false);
                }
                catch (Exception away) when (away is NpgsqlException or TimeoutException)
                {
                    Log.DeliveryHeld(logger, away.Message);
                    pause = PauseAfterFailure;
                }

                // A visit that ended may have made its endpoint due again, and has freed a slot; many that end at once are one reason to look.
                await Task.Delay(LeastPause, clock, stoppingToken).ConfigureAwait(false);
                await due.WaitAsync(pause, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The visits under way end by the same token.
        }

        await Task.WhenAll(_visits.Values).ConfigureAwait(false);
    }

    private async Task TakeAsync(bool slowLane, int slots, CancellationToken stopping)
    {
        if (slots <= 0)
        {
            return;
        }

        foreach (var endpoint in await queue.TakeAsync(slowLane, slots, _holder, _hold, stopping).ConfigureAwait(false))
        {
            Count(slowLane, 1);
            // A hold that ran out may have been taken again by ourselves while the visit lasts: each visit has a key of its own.
            var key = Guid.CreateVersion7(clock.GetUtcNow());
            var running = new TaskCompletionSource();
            _visits[key] = running.Task;
            _ = VisitAsync(endpoint, slowLane, key, running, stopping);
        }
    }

    private async Task VisitAsync(HeldEndpoint endpoint, bool slowLane, Guid key, TaskCompletionSource running, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            var result = await visit.RunAsync(endpoint, stopping).ConfigureAwait(false);
            // What was answered is written although the process stops.
            using var deadline = new CancellationTokenSource(stopping.IsCancellationRequested ? LastWrite : HoldMargin, clock);
            await _writers.WaitAsync(deadline.Token).ConfigureAwait(false);
            try
            {
                await record.WriteAsync(result, _holder, deadline.Token).ConfigureAwait(false);
            }
            finally
            {
                _writers.Release();
            }
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // The hold runs out, and the deliveries are attempted again: receivers know them by their id.
            Log.VisitNotRecorded(logger, endpoint.Id, failed.Message);
        }
        catch (Exception bug)
        {
            Log.VisitFailed(logger, bug, endpoint.Id);
        }
        finally
        {
            Count(slowLane, -1);
            _visits.TryRemove(key, out _);
            running.SetResult();
            due.Set();
        }
    }

    private void Count(bool slowLane, int change)
    {
        _ = slowLane ? Interlocked.Add(ref _slow, change) : Interlocked.Add(ref _quick, change);
        metrics.Visiting(slowLane, change);
    }
}
