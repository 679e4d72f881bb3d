namespace SmsCrm.Crm.Webhooks;

/// <summary>How an endpoint has been answering; pure.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="FailingSince">Null: its last attempt succeeded.</param>
/// <param name="Reason">Why it is slowed or off: the tenant's notice.</param>
/// <param name="Pause">No attempt for so long; null: none.</param>
internal sealed record EndpointHealth(WebhookState State, int Failures, DateTimeOffset? FailingSince, string? Reason, TimeSpan? Pause = null)
{
    /// <summary>Fewer failures are no proof, however long ago the first was: there may have been little to deliver.</summary>
    private const int LeastFailuresToSwitchOff = 10;

    /// <summary>After one more attempt.</summary>
    /// <param name="random">From 0 to 1, for the pause's jitter.</param>
    public EndpointHealth After(AttemptOutcome outcome, WebhooksOptions options, DateTimeOffset now, double random)
    {
        if (State == WebhookState.Off)
        {
            return this;
        }

        if (outcome.IsDelivered)
        {
            return new EndpointHealth(WebhookState.Active, 0, null, null);
        }

        var failures = Failures + 1;
        var since = FailingSince ?? now;
        if (outcome.IsGone)
        {
            return new EndpointHealth(WebhookState.Off, failures, since, "The receiver answered 410 Gone: switch the endpoint on when it is there again.");
        }

        if (failures >= LeastFailuresToSwitchOff && now - since >= TimeSpan.FromHours(options.SwitchOffAfterHours))
        {
            return new EndpointHealth(
                WebhookState.Off, failures, since,
                FormattableString.Invariant($"{failures} attempts in a row failed since {since:yyyy-MM-dd HH:mm} UTC, last: {outcome.Sentence}. Switch it on when it works again."));
        }

        var slowed = failures >= options.SlowAfterFailures;
        return new EndpointHealth(
            slowed ? WebhookState.Slowed : State,
            failures,
            since,
            slowed ? FormattableString.Invariant($"{failures} attempts in a row failed, last: {outcome.Sentence}. Fewer attempts are made until one succeeds.") : Reason,
            PauseAfter(outcome, slowed ? failures - options.SlowAfterFailures : null, random));
    }

    private static TimeSpan? PauseAfter(AttemptOutcome outcome, int? beyond, double random)
    {
        var pause = beyond is { } failures ? RetrySchedule.Pause(failures, random) : outcome.IsThrottled ? RetrySchedule.Pause(0, random) : (TimeSpan?)null;
        return outcome.RetryAfter is { } wish && (pause is null || wish > pause) ? wish : pause;
    }
}
