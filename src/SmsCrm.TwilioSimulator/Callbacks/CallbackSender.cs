using Microsoft.Extensions.Logging;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>Sends the callbacks that wait, over a bounded number of lanes. The lane that was used last is used first, so that a quiet
/// simulator keeps few connections.</summary>
internal sealed class CallbackSender(
    TwilioSimulatorOptions options, CallbackQueue queue, DueQueue due, MessageLedger ledger, SimulatorCounters counters,
    TimeProvider time, ILogger<CallbackSender> log) : IDisposable
{
    private static readonly TimeSpan FirstRetryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DeadlineTick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _free = new(options.CallbackConcurrency);
    private readonly Stack<CallbackLane> _idle = new();
    private readonly List<CallbackLane> _all = [];
    private readonly Lock _gate = new();

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await Task.WhenAll(DispatchAsync(stopping), WatchDeadlinesAsync(stopping)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was not sent is owed still, and is sent after the next start. What is under way may end.
            await FarewellAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var lane in _all)
                lane.Dispose();
        }
    }

    private async Task DispatchAsync(CancellationToken stopping)
    {
        while (await queue.Reader.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            await _free.WaitAsync(stopping).ConfigureAwait(false);
            if (!queue.Reader.TryRead(out var callback))
            {
                _free.Release();
                continue;
            }
            // On another thread, so that one thread doesn't write every request.
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => _ = work.Sender.SendManyAsync(work.Lane, work.Callback, work.Stopping),
                new Work(this, TakeLane(), callback, stopping),
                preferLocal: false);
        }
    }

    private async Task SendManyAsync(CallbackLane lane, Callback first, CancellationToken stopping)
    {
        try
        {
            Callback? callback = first;
            do
            {
                callback.Attempts++;
                if (callback.FirstTriedMs == 0)
                    callback.FirstTriedMs = NowMs();
                Settle(callback, await lane.SendAsync(callback, stopping).ConfigureAwait(false));
            }
            while (!stopping.IsCancellationRequested && queue.Reader.TryRead(out callback));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Owed still.
        }
        catch (Exception e)
        {
            Log.CallbackBroke(log, e);
        }
        finally
        {
            lock (_gate)
                _idle.Push(lane);
            _free.Release();
        }
    }

    private void Settle(Callback callback, RetryCauses failure)
    {
        var target = callback.Target;
        if (failure == RetryCauses.None)
        {
            counters.CallbackAnswered();
        }
        else if (callback.Attempts <= target.Retries && (target.RetryOn & failure) != 0 && NowMs() - callback.FirstTriedMs < target.TotalMs)
        {
            counters.CallbackRetried();
            var wait = FirstRetryAfter * Math.Pow(2, callback.Attempts - 1);
            due.Add(NowMs() + (long)wait.TotalMilliseconds, callback);
            return;
        }
        else
        {
            counters.CallbackFailed();
            Log.CallbackGivenUp(log, target.Endpoint.Authority, callback.Attempts, failure);
        }
        ledger.SettleCallback(callback.Index, callback.Status);
    }

    private async Task WatchDeadlinesAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(DeadlineTick, time);
        while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
        {
            lock (_gate)
            {
                foreach (var lane in _all)
                    lane.CheckDeadline();
            }
        }
    }

    private async Task FarewellAsync()
    {
        for (var lanes = options.CallbackConcurrency; lanes > 0 && await _free.WaitAsync(Farewell).ConfigureAwait(false);)
            lanes--;
        lock (_gate)
        {
            foreach (var lane in _all)
                lane.BreakOff();
        }
    }

    private CallbackLane TakeLane()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out var idle))
                return idle;
            var lane = new CallbackLane(time);
            _all.Add(lane);
            return lane;
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private readonly record struct Work(CallbackSender Sender, CallbackLane Lane, Callback Callback, CancellationToken Stopping);
}
