using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Dispatch;
using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Gates.Facts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Waiting;
using StackExchange.Redis;

namespace SmsCrm.Pipeline;

/// <summary>
/// The one way out. A batch goes facts, gates, sender, slots, pacing, claim, POST, outcome; every message leaves it settled (the
/// ledger has committed what became of it, and the row carries what is left to do) or resting for a moment.
/// </summary>
internal sealed partial class SendPipeline(
    FactsReader facts,
    GateList gates,
    ProviderDirectory directory,
    LaneBacklogs backlogs,
    PostSlots slots,
    FullSenders full,
    TokenBuckets buckets,
    PacingOptions pacing,
    IMessageLedger ledger,
    WorkerPresenceLoop presence,
    Dispatcher dispatcher,
    RestingItems resting,
    PipelineHold hold,
    SendPipelineOptions options,
    SendPipelineMetrics metrics,
    TimeProvider clock,
    ILogger<SendPipeline> logger)
{
    /// <summary>By this long after its facts a message is claimed, or its facts are read again: the rest is for its POST to begin.</summary>
    private static readonly TimeSpan ClaimBy = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// Takes a batch, each message once, until every one is settled or rests. While the pipeline holds it waits with them. Ends
    /// early only by <paramref name="cancellation"/>; what is not settled then comes again from its source.
    /// </summary>
    public async Task RunAsync(IReadOnlyList<SendItem> batch, CancellationToken cancellation)
    {
        using var inWork = Enter();
        while (batch.Count > 0)
        {
            await hold.WaitUntilOpenAsync(cancellation).ConfigureAwait(false);
            await presence.WaitUntilHeldAsync(cancellation).ConfigureAwait(false);
            using var pass = new Pass(batch, slots);
            try
            {
                batch = await PassAsync(pass, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                Hold(e);
                batch = [.. pass.Batch.Where(item => !item.IsSettled)];
            }
        }
    }

    /// <returns>Those that somebody else changed meanwhile: they go back to Facts.</returns>
    private async Task<IReadOnlyList<SendItem>> PassAsync(Pass pass, CancellationToken cancellation)
    {
        // 1. Facts: one round trip. What has been taken up before is a replay and stops here, before any gate.
        await ReadFactsAsync(pass, cancellation).ConfigureAwait(false);
        StopReplays(pass);
        StopCancelled(pass);

        // 2. Gates: pure functions of request, facts and the window that the facts are good for.
        JudgeByGates(pass);

        // 3. Sender: named, or of a pool and always the same for a recipient. Behind a backlog one joins its end.
        ChooseSenders(pass);
        JoinBacklogs(pass);

        // 4. Slots: no more is paced and claimed than the accounts work off in time.
        TakeSlots(pass);

        // 5. Pacing: one script for the buckets of account, tenant and sender.
        await PaceAsync(pass, cancellation).ConfigureAwait(false);

        // 6. Claim: from its commit on the row carries the message. Nothing from here on is cancelled.
        await ClaimAsync(pass).ConfigureAwait(false);

        // 7. POST: each by itself; its outcome goes to the ledger when the answer comes.
        Dispatch(pass);

        // 8. What the gates and the pace decided is a transition like any other.
        await RejectAsync(pass).ConfigureAwait(false);
        await CancelAsync(pass).ConfigureAwait(false);
        await DeferAsync(pass).ConfigureAwait(false);
        await EndUnusableAsync(pass, cancellation).ConfigureAwait(false);

        // 9. What may go within a moment rests until then.
        foreach (var (item, rest) in pass.Rests)
        {
            await resting.AddAsync(item, rest, cancellation).ConfigureAwait(false);
        }

        return pass.Lost;
    }

    private void Hold(Exception e)
    {
        var reason = e switch
        {
            RedisException or RedisTimeoutException => HoldReason.RedisAway,
            NpgsqlException or TimeoutException or OperationCanceledException => HoldReason.PostgresAway,
            _ => HoldReason.Broken,
        };
        metrics.Held(reason);
        if (hold.Hold(reason))
        {
            Log.Holding(logger, e, reason);
        }
    }
}
