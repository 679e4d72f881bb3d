using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>What became of a cancellation: a closed set.</summary>
public abstract record CancelOutcome
{
    private CancelOutcome()
    {
    }

    /// <param name="Result">Won, too late, or not found.</param>
    public sealed record Judged(TransitionResult Result) : CancelOutcome;

    /// <summary>A campaign's, a recipient's or a tenant's messages, as they stand when nothing of them can leave any more.</summary>
    public sealed record Counted(CancellationCount Count) : CancelOutcome;

    public sealed record BadId(RequestViolation Violation) : CancelOutcome;

    /// <summary>The ledger did not answer; asking again is harmless.</summary>
    public sealed record Unavailable(string Reason, TimeSpan RetryAfter) : CancelOutcome;
}

/// <summary>
/// Cancels a message by its id: exact at once, also before the ledger has its row. And all messages of a campaign, a recipient or a tenant: the
/// facts of every batch see it from its commit on, and the answer is given when no batch is left that did not.
/// </summary>
public sealed class MessageCancellation(IMessageLedger ledger, Cancellations cancellations, IOptions<IngestOptions> options, TimeProvider clock, ILogger<MessageCancellation> logger)
{
    /// <summary>What waits and is not cancelled by then is cancelled when it is due: its facts say so.</summary>
    private const int MostChunks = 100;

    /// <param name="actor">Who asks for it, 1 to 200 characters.</param>
    public async Task<CancelOutcome> CancelAsync(TenantId tenant, CancellationTarget target, string actor, CancellationToken cancellation)
    {
        try
        {
            await cancellations.RecordAsync(tenant, target, actor, cancellation).ConfigureAwait(false);
            var acknowledgement = Acknowledgement.AfterCommit(clock);
            for (var chunk = 0; chunk < MostChunks; chunk++)
            {
                var open = await cancellations.ReadOpenAsync(tenant, target, cancellation).ConfigureAwait(false);
                if (open.Count == 0)
                {
                    break;
                }

                await ledger.CancelAsync(tenant, open, Reason.None, cancellation).ConfigureAwait(false);
            }

            await acknowledgement.MayBeToldAsync(cancellation).ConfigureAwait(false);
            return new CancelOutcome.Counted(await cancellations.CountAsync(tenant, target, cancellation).ConfigureAwait(false));
        }
        catch (NpgsqlException away)
        {
            Log.CancelHeld(logger, default, away.Message);
            return new CancelOutcome.Unavailable("It is not known whether the messages were cancelled: ask again.", TimeSpan.FromSeconds(1));
        }
    }

    public async Task<CancelOutcome> CancelAsync(TenantId tenant, string messageId, CancellationToken cancellation)
    {
        if (!MessageId.TryParse(messageId, out var id))
        {
            return new CancelOutcome.BadId(new RequestViolation(
                "message_id", $"is '{Shown.Value(messageId)}': it must be a message's id as it was given when that was accepted"));
        }

        try
        {
            var results = await ledger.CancelAsync(tenant, [id], Reason.None, cancellation)
                .WaitAsync(TimeSpan.FromMilliseconds(options.Value.CommitTimeoutMs), clock, cancellation).ConfigureAwait(false);

            // Cancelled before is cancelled.
            var result = results[0].Result == TransitionResult.AlreadyThere ? TransitionResult.Won : results[0].Result;
            return new CancelOutcome.Judged(result);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException)
        {
            Log.CancelHeld(logger, id, away.Message);
            return new CancelOutcome.Unavailable("It is not known whether the message was cancelled: ask again.", TimeSpan.FromSeconds(1));
        }
    }
}
