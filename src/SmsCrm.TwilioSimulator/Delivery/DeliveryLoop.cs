using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>Does what is due, every 10 ms.</summary>
internal sealed class DeliveryLoop(DueQueue queue, MessageWay way, CallbackQueue callbacks, MessageLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private const int TicksBetweenFlushes = 10;

    private readonly List<DueWork> _due = [];

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Tick, time);
        var ticks = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                RunDue(time.GetUtcNow().ToUnixTimeMilliseconds());
                if (++ticks % TicksBetweenFlushes == 0)
                    ledger.Flush();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is still waiting is planned anew from the ledger at the next start.
        }
    }

    /// <summary>By one thread at a time.</summary>
    public void RunDue(long nowMs)
    {
        queue.TakeDue(nowMs, _due);
        foreach (var work in _due)
        {
            if (work is Callback callback)
                callbacks.Add(callback);
            else if (work is MessageStep step)
                way.Take(step, nowMs);
        }
        _due.Clear();
    }
}
