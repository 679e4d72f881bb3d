using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>What a POST's outcome means for its message, and for its account. Pure but for the jitter.</summary>
internal sealed class OutcomeMapping(DispatchOptions options, Random jitter)
{
    /// <param name="attempt">The claimed attempt, from 1.</param>
    /// <param name="now">The database's clock, carried on.</param>
    public ClaimOutcome ForMessage(PostOutcome outcome, int attempt, Guid senderId, DateTimeOffset now) => outcome switch
    {
        PostOutcome.Accepted accepted => new ClaimOutcome.Taken(accepted.Sid),
        PostOutcome.Rejected { Class: ErrorClass.Permanent } rejected => Refused(rejected, "The provider refused this message for good."),
        PostOutcome.Rejected { Class: ErrorClass.Suppress } rejected => Refused(
            rejected, "The recipient has opted out at the provider. The number is on your opt-out list from now on."),
        PostOutcome.Rejected { Class: ErrorClass.Halt } rejected => new ClaimOutcome.TryAgain(
            Reason.AccountUnavailable,
            rejected.Code,
            Explain("The provider account is out of order. The message waits until it works again.", rejected.Code, rejected.Message),
            now + TimeSpan.FromSeconds(options.HaltSeconds),
            senderId),
        PostOutcome.Rejected rejected => Later(rejected.Code, rejected.Message, null, attempt, senderId, now),
        PostOutcome.Throttled throttled => Later(throttled.Code, throttled.Message, throttled.RetryAfter, attempt, senderId, now),
        PostOutcome.NotSent notSent => new ClaimOutcome.TryAgain(
            Reason.Released, 0, Explain("The message was not handed to the provider in time. It is tried again.", 0, notSent.Detail), now, senderId),
        PostOutcome.Unknown unknown => new ClaimOutcome.Unknown(
            Explain("The provider did not say whether it took the message. It is not sent again until that is known.", 0, unknown.Detail)),
        _ => throw new InvalidOperationException($"No rule for the outcome {outcome.GetType().Name}"),
    };

    /// <param name="wasLate">Whether the POST's time to begin had passed when it ended.</param>
    public static PostSignal ForAccount(PostOutcome outcome, bool wasLate) => outcome switch
    {
        PostOutcome.Accepted => PostSignal.Answered,
        PostOutcome.Rejected { Class: ErrorClass.Halt } => PostSignal.Halted,
        PostOutcome.Rejected => PostSignal.Answered,
        // One sender's matter: the account has room.
        PostOutcome.Throttled { Code: TwilioErrors.QueueFull } => PostSignal.Answered,
        PostOutcome.Throttled => PostSignal.PushedBack,
        PostOutcome.NotSent when wasLate => PostSignal.PushedBack,
        _ => PostSignal.Failed,
    };

    private ClaimOutcome Later(int code, string message, TimeSpan? retryAfter, int attempt, Guid senderId, DateTimeOffset now)
    {
        if (attempt >= options.MaxAttempts)
        {
            return new ClaimOutcome.Failed(
                Reason.RetriesExhausted, code, Explain($"The provider was too busy for this message {attempt} times. It was given up.", code, message));
        }

        // Full jitter: those that were turned away together do not come back together.
        var ceiling = Math.Min(options.BackoffMaxMs, options.BackoffMs * Math.Pow(2, Math.Min(attempt - 1, 30)));
        var pause = TimeSpan.FromMilliseconds(jitter.NextDouble() * ceiling);
        var due = now + (retryAfter is { } asked && asked > pause ? asked : pause);
        return new ClaimOutcome.TryAgain(
            Reason.RetryBackoff, code, Explain("The provider was too busy and took nothing. The message is tried again.", code, message), due, senderId);
    }

    private static ClaimOutcome.Failed Refused(PostOutcome.Rejected rejected, string sentence) =>
        new(Reason.ProviderRefused, rejected.Code, Explain(sentence, rejected.Code, rejected.Message));

    private static string Explain(string sentence, int code, string said) =>
        VerdictText.Json("provider", sentence, null, ("code", code), ("said", said));
}
