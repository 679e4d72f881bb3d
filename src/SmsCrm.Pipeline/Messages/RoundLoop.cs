using Microsoft.Extensions.Hosting;

namespace SmsCrm.Pipeline.Messages;

/// <summary>A round every <paramref name="pause"/>. One that fails is told once for each outage, which may last; the next one tries again.</summary>
internal abstract class RoundLoop(TimeSpan pause, TimeProvider clock) : BackgroundService
{
    protected TimeProvider Clock => clock;

    protected abstract Task RoundAsync(CancellationToken cancellation);

    /// <summary>Says that rounds fail from now on.</summary>
    protected abstract void RoundFailed(Exception e);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(pause, clock);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await RoundAsync(stoppingToken).ConfigureAwait(false);
                failing = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                {
                    RoundFailed(e);
                }

                failing = true;
            }
        }
    }
}
