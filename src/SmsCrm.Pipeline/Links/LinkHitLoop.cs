using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Pipeline.Links;

/// <summary>
/// Writes hits in batches. While Postgres is away it holds its batch and tries again, and the queue fills up; a stop writes what is there, once.
/// </summary>
internal sealed class LinkHitLoop(
    LinkHits hits, LinkOrigins origins, LinkHitWriter writer, LinksMetrics metrics, TimeProvider clock, ILogger<LinkHitLoop> logger) : BackgroundService
{
    private const int MostHits = 500;
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<LinkHit>();
        try
        {
            while (await hits.Queue.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                // Company is cheaper than haste: nobody waits for a hit.
                await Task.Delay(Linger, clock, stoppingToken).ConfigureAwait(false);
                Fill(batch);
                while (!await TryWriteAsync(batch).ConfigureAwait(false))
                {
                    await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await DrainAsync(batch).ConfigureAwait(false);
        }
    }

    private async Task DrainAsync(List<LinkHit> batch)
    {
        for (var isThere = true; isThere && (batch.Count > 0 || hits.Queue.Count > 0);)
        {
            Fill(batch);
            isThere = await TryWriteAsync(batch).ConfigureAwait(false);
        }

        if (batch.Count + hits.Queue.Count is var left and > 0)
        {
            metrics.HitsLost(left);
            Log.HitsLost(logger, left, "the process ends, and Postgres is away");
        }
    }

    private void Fill(List<LinkHit> batch)
    {
        while (batch.Count < MostHits && hits.Queue.TryRead(out var hit))
        {
            batch.Add(origins.Judge(hit));
        }
    }

    /// <summary>
    /// Empties the batch, unless Postgres is away: then false, with what is not written left in it. What is refused is halved until the hit that makes it so
    /// stands alone, which is lost.
    /// </summary>
    private async Task<bool> TryWriteAsync(List<LinkHit> batch)
    {
        var part = batch.Count;
        while (batch.Count > 0)
        {
            try
            {
                metrics.HitsWritten(await writer.WriteAsync(batch.GetRange(0, part)).ConfigureAwait(false));
            }
            catch (Exception refused) when (BatchFaults.Of(refused) == BatchFault.Entry)
            {
                if (part > 1)
                {
                    part /= 2;
                    continue;
                }

                metrics.HitsLost(1);
                Log.HitsLost(logger, 1, BatchFaults.Sentence(refused));
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException)
            {
                Log.HitsHeld(logger, batch.Count, away.Message);
                return false;
            }

            batch.RemoveRange(0, part);
            part = batch.Count;
        }

        return true;
    }
}
