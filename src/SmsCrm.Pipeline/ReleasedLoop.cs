using Microsoft.Extensions.Hosting;
using SmsCrm.Pipeline.Waiting;

namespace SmsCrm.Pipeline;

/// <summary>Brings what Waiting releases into the pipeline, in batches.</summary>
internal sealed class ReleasedLoop(ReleasedMessages released, SendPipeline pipeline, WaitingOptions options) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.ReleasedBatches).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var batch = await released.TakeAsync(options.BatchSize, cancellation).ConfigureAwait(false);
                await pipeline.RunAsync(
                    batch.ConvertAll(message => new SendItem(message.Message, message.Request, message.Settled)
                    {
                        GivenVersion = message.Version,
                        LaneDue = message.LaneDue,
                    }),
                    cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What was given out still waits in its row.
        }
    }
}
