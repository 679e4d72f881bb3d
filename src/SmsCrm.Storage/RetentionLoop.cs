using Microsoft.Extensions.Hosting;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Removes rows whose time is over, in small transactions: at once and then every <paramref name="round"/>, a backlog without pause.</summary>
internal abstract class RetentionLoop(TimeSpan round, TimeProvider clock) : BackgroundService
{
    protected const int AtOnce = 5_000;

    /// <returns>How many were removed; at most 5,000.</returns>
    public abstract Task<int> RemoveOnceAsync(CancellationToken cancellation);

    /// <summary>Says that it is tried again in the next round.</summary>
    protected abstract void NotRemoved(Exception e);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(round, clock);
        do
        {
            try
            {
                while (await RemoveOnceAsync(stoppingToken).ConfigureAwait(false) == AtOnce)
                {
                    // A backlog goes without pause.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NotRemoved(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
