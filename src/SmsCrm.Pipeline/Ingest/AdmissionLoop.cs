using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmsCrm.Contracts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Reads once a second how much waits: the ledger's counts, and what the recorder has not written yet. While Postgres is away the last picture
/// stands and what is accepted adds to it.
/// </summary>
internal sealed class AdmissionLoop(
    Admission admission, WaitingCounts counts, GroupLag lag, IRequestLog log, TimeProvider clock, ILogger<AdmissionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private static readonly string[] Requests = [Topics.TransactionalRequests, Topics.MarketingRequests];
    private long _lag;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, clock);
        var failing = false;

        // The client's calls block: a thread of its own waits in them.
        var watching = log.IsDurable ? Task.Factory.StartNew(() => WatchLag(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default) : Task.CompletedTask;
        do
        {
            try
            {
                await ReadAsync(stoppingToken).ConfigureAwait(false);
                failing = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                {
                    Log.WaitingNotCounted(logger, e);
                }

                failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        var waiting = await counts.ReadAsync(either.Token).ConfigureAwait(false);
        admission.Seen(waiting, Interlocked.Read(ref _lag));
    }

    private void WatchLag(CancellationToken stopping)
    {
        while (!stopping.WaitHandle.WaitOne(Round))
        {
            if (lag.Read(IngestServiceCollectionExtensions.RecorderGroup, Requests) is { } behind)
            {
                Interlocked.Exchange(ref _lag, behind);
            }
        }
    }
}
