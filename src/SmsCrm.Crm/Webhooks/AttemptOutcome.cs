namespace SmsCrm.Crm.Webhooks;

/// <summary>What became of one attempt.</summary>
/// <param name="Status">Of the answer; null: there was none, and <paramref name="Error"/> says why.</param>
/// <param name="ResponseHead">The answer's first bytes, up to 1,024.</param>
/// <param name="RetryAfter">What the receiver asked for, up to 24 hours.</param>
internal sealed record AttemptOutcome(
    DateTimeOffset At, int? Status, TimeSpan Latency, string? Error = null, string? ResponseHead = null, TimeSpan? RetryAfter = null)
{
    public bool IsDelivered => Status is >= 200 and < 300;

    public bool IsGone => Status == 410;

    /// <summary>The receiver, or what stands before it, has too much to do.</summary>
    public bool IsThrottled => Status is 429 or 502 or 503 or 504;

    /// <summary>For notices.</summary>
    public string Sentence => Status is { } status ? FormattableString.Invariant($"status {status}") : Error ?? "no answer";

    /// <summary>For metrics.</summary>
    public string Kind => Status is { } status ? FormattableString.Invariant($"{status / 100}xx") : "no_answer";
}
