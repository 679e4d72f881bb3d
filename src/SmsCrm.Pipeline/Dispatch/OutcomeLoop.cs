using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// Writes outcomes to the ledger in groups, as answers come. A group that can't be committed is tried again until it can: the
/// ledger takes an outcome once, however often it is told.
/// </summary>
internal sealed class OutcomeLoop(
    OutcomeQueue outcomes, Dispatcher dispatcher, IMessageLedger ledger, DispatchOptions options, DispatchMetrics metrics, TimeProvider time, ILogger<OutcomeLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _giveUp = new();

    /// <summary>Lets the POSTs under way end, writes what they brought, then stops; at the host's deadline it gives up.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var giveUp = cancellationToken.Register(_giveUp.Cancel);
        try
        {
            await dispatcher.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.DrainCut(logger, dispatcher.Running);
        }

        outcomes.Complete();
        await (ExecuteTask ?? Task.CompletedTask).ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        _giveUp.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.OutcomeWriters).Select(_ => WriteAsync(_giveUp.Token)));

    private async Task WriteAsync(CancellationToken cancellation)
    {
        try
        {
            while (await outcomes.TakeAsync(time, cancellation).ConfigureAwait(false) is { Count: > 0 } group)
            {
                await RecordAsync(group, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The host's time to stop is over: claims without an outcome are the reconciler's.
        }
    }

    private async Task RecordAsync(List<OutcomeEntry> group, CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                var results = await ledger.RecordOutcomesAsync(group, cancellation).ConfigureAwait(false);
                metrics.Recorded(group, results);
                return;
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                Log.OutcomesNotWritten(logger, e, group.Count);
                await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
