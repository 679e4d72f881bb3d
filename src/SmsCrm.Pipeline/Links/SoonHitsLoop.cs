using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Every 10 s, looks at the hits whose delivery may have been heard of since: those of the last <see cref="LinksOptions.LateReceiptSeconds"/>. A round
/// that failed is made up for by the next. Every process with redirects does so; what one has flagged the others don't see any more.
/// </summary>
internal sealed class SoonHitsLoop(SoonHits hits, IOptions<LinksOptions> options, TimeProvider clock, ILogger<SoonHitsLoop> logger) : BackgroundService
{
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    /// <summary>What a hit and a delivery may take to be written and committed (statements have 10 s), and clocks differ by.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    /// <summary>At the start: hits whose process ended before they were judged, unless all were away for longer.</summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromHours(1);

    private readonly TimeSpan _window = TimeSpan.FromSeconds(options.Value.LateReceiptSeconds) + Slack;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.TooSoonSeconds == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Round, clock);
        var since = clock.GetUtcNow() - _window - LookBack;
        do
        {
            var begun = clock.GetUtcNow();
            try
            {
                await hits.JudgeAsync(since, stoppingToken).ConfigureAwait(false);

                // What came before that is judged for good.
                since = begun - _window;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.HitsNotJudged(logger, e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } ? "clicks are being counted again" : e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
