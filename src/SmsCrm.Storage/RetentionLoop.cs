using Microsoft.Extensions.Hosting;

namespace SmsCrm.Storage;

/// <summary>Removes rows whose time is over, in small transactions: at once and then every <paramref name="round"/>, a backlog without pause.</summary>
/// <param name="atOnce">Most rows that one transaction removes.</param>
public abstract class RetentionLoop(TimeSpan round, int atOnce, TimeProvider clock) : BackgroundService
{
    protected int AtOnce => atOnce;

    /// <returns>How many were removed; as many as <see cref="AtOnce"/> where there may be more.</returns>
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
                while (await RemoveOnceAsync(stoppingToken).ConfigureAwait(false) == atOnce)
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
