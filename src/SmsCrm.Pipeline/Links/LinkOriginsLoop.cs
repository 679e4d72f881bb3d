using Microsoft.Extensions.Hosting;

namespace SmsCrm.Pipeline.Links;

/// <summary>Looks every minute whether the databases of addresses were replaced.</summary>
internal sealed class LinkOriginsLoop(LinkOrigins origins, TimeProvider clock) : BackgroundService
{
    public static readonly TimeSpan Round = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            origins.Refresh();
        }
    }
}
