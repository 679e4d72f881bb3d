using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Looks every second what holds the feeds back (<see cref="FeedHold"/>), where somebody reads them: the role <c>crm</c>.</summary>
internal sealed class FeedHoldLoop(FeedHold hold, TimeProvider clock, ILogger<FeedHoldLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await hold.LookAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // That Postgres is away, those say who read the feeds.
                hold.Forget();
                Log.FeedHoldUnknown(logger, e);
            }
        }
    }
}
