using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>Settings under <c>SmsCrm:Reconciliation</c>.</summary>
public sealed record ReconciliationOptions
{
    public const string Section = "SmsCrm:Reconciliation";

    /// <summary>
    /// How old a claim is before a message that is still <c>claimed</c> becomes <c>unknown</c>, in seconds. 13 to 3,600, default 30: a POST
    /// begins at most 2 s after its facts and ends within 10 s, so a younger claim may still be at work.
    /// </summary>
    [Range(13, 3_600)]
    public int ClaimAgeSeconds { get; init; } = 30;

    /// <summary>How long a message stays <c>unknown</c> before it is <c>uncertain</c>, in seconds. 1 to 3,600, default 30.</summary>
    [Range(1, 3_600)]
    public int UncertainAfterSeconds { get; init; } = 30;

    /// <summary>
    /// How long an unknown attempt must have been absent from the provider's list, by the reconciler's own clock, before that counts as evidence where a
    /// tenant allows it, in seconds. 1 to 86,400, default 900: the list lags, and a text that shows up afterwards was sent twice.
    /// </summary>
    [Range(1, 86_400)]
    public int EvidenceAfterSeconds { get; init; } = 900;

    /// <summary>How old a claim is before the provider is asked for what has no final word, in seconds. 2 to 86,400, default 900.</summary>
    [Range(2, 86_400)]
    public int PollAfterSeconds { get; init; } = 900;

    /// <summary>Fetches under way at once. 1 to 256, default 16.</summary>
    [Range(1, 256)]
    public int PollConcurrency { get; init; } = 16;

    /// <summary>How often claims are visited, in milliseconds. 50 to 60,000, default 1,000.</summary>
    [Range(50, 60_000)]
    public int RoundMs { get; init; } = 1_000;

    /// <summary>Most claimed batches in one visit; more are left to the next. 1 to 1,000, default 40.</summary>
    [Range(1, 1_000)]
    public int BatchesAtOnce { get; init; } = 40;

    /// <summary>How long a reconciler that is gone keeps the others away, in seconds. 2 to 300, default 10.</summary>
    [Range(2, 300)]
    public int LeaseSeconds { get; init; } = 10;
}
