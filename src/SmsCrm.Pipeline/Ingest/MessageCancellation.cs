using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>What became of a cancellation: a closed set.</summary>
public abstract record CancelOutcome
{
    private CancelOutcome()
    {
    }

    /// <param name="Result">Won, too late, or not found.</param>
    public sealed record Judged(TransitionResult Result) : CancelOutcome;

    public sealed record BadId(RequestViolation Violation) : CancelOutcome;

    /// <summary>The ledger did not answer; asking again is harmless.</summary>
    public sealed record Unavailable(string Reason, TimeSpan RetryAfter) : CancelOutcome;
}

/// <summary>Cancels a message by its id: exact at once, also before the ledger has its row.</summary>
public sealed class MessageCancellation(IMessageLedger ledger, IOptions<IngestOptions> options, TimeProvider clock, ILogger<MessageCancellation> logger)
{
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
