using Microsoft.Extensions.Hosting;

namespace SmsCrm.Pipeline;

/// <summary>Brings rested messages back to the pipeline's beginning, in batches.</summary>
internal sealed class RestedLoop(RestingItems resting, SendPipeline pipeline, SendPipelineOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Takes no further batch, then waits until the pipeline is empty: registered so that it stops before the POSTs are drained.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await pipeline.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.RestedBatches).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                if (resting.TakeDue(options.BatchSize) is { Count: > 0 } batch)
                {
                    await pipeline.RunAsync(batch, cancellation).ConfigureAwait(false);
                }
                else
                {
                    await Task.Delay(Tick, time, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What rests comes again: from Kafka, whose offset has not passed it, or from its row that still waits.
        }
    }
}
