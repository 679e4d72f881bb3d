using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SmsCrm.Crm.Webhooks;

/// <summary>Runs the <see cref="WebhookFeeder"/>; one process at a time gets anything to do.</summary>
internal sealed class WebhookFeedLoop(WebhookFeeder feeder, IOptions<WebhooksOptions> options, TimeProvider clock, ILogger<WebhookFeedLoop> logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    if (!await feeder.StepAsync(stoppingToken).ConfigureAwait(false))
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(options.Value.PollMs), clock, stoppingToken).ConfigureAwait(false);
                    }
                }
                catch (Exception away) when (away is NpgsqlException or TimeoutException)
                {
                    Log.FeedHeld(logger, away.Message);
                    await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await GiveBackAsync().ConfigureAwait(false);
        }
    }

    private async Task GiveBackAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(LastWrite, clock);
            await feeder.ReturnAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // The turn runs out by itself.
            Log.FeedHeld(logger, away.Message);
        }
    }
}
