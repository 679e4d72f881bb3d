using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>Settings under <c>SmsCrm:Dispatch</c>.</summary>
public sealed record DispatchOptions
{
    public const string Section = "SmsCrm:Dispatch";

    /// <summary>Most messages of this process that are claimed and not answered, all accounts together. 5 to 100,000, default 2,048.</summary>
    [Range(5, 100_000)]
    public int Slots { get; init; } = 2_048;

    /// <summary>
    /// How much work an account may have claimed ahead of its free connections, in milliseconds of what it answers now.
    /// 0 to 1,000 (a POST begins within 2,000 of its facts), default 250.
    /// </summary>
    [Range(0, 1_000)]
    public int AheadMs { get; init; } = 250;

    /// <summary>Failures in a row, of an account, that open its breaker. 1 to 1,000, default 20.</summary>
    [Range(1, 1_000)]
    public int BreakerFailures { get; init; } = 20;

    /// <summary>How long an open breaker keeps an account's messages back before it tries one, in milliseconds. 100 to 600,000, default 5,000.</summary>
    [Range(100, 600_000)]
    public int BreakerOpenMs { get; init; } = 5_000;

    /// <summary>How long an account that the provider refuses (authentication, suspended) is left alone, in seconds. 1 to 86,400, default 60.</summary>
    [Range(1, 86_400)]
    public int HaltSeconds { get; init; } = 60;

    /// <summary>How long a sender whose queue at the provider is full (21611) is out of its pool, in seconds. 1 to 36,000, default 60.</summary>
    [Range(1, 36_000)]
    public int SenderRestSeconds { get; init; } = 60;

    /// <summary>Attempts after which a message that is still throttled fails. 1 to 1,000, default 20.</summary>
    [Range(1, 1_000)]
    public int MaxAttempts { get; init; } = 20;

    /// <summary>The first pause before a throttled message is tried again, in milliseconds; it doubles, with full jitter. 10 to 60,000, default 500.</summary>
    [Range(10, 60_000)]
    public int BackoffMs { get; init; } = 500;

    /// <summary>The longest such pause, in milliseconds. 1,000 to 3,600,000, default 300,000.</summary>
    [Range(1_000, 3_600_000)]
    public int BackoffMaxMs { get; init; } = 300_000;

    /// <summary>Most outcomes in one write to the ledger. 1 to 5,000, default 250.</summary>
    [Range(1, 5_000)]
    public int OutcomeBatch { get; init; } = 250;

    /// <summary>How long a group of outcomes waits for more, in milliseconds. 0 to 1,000, default 25.</summary>
    [Range(0, 1_000)]
    public int OutcomeLingerMs { get; init; } = 25;

    /// <summary>Writes of outcomes at once. 1 to 32, default 2.</summary>
    [Range(1, 32)]
    public int OutcomeWriters { get; init; } = 2;

    /// <summary>Outcomes that may wait to be written; when they are that many, no further POST ends until one was. 1 to 1,000,000, default 8,192.</summary>
    [Range(1, 1_000_000)]
    public int OutcomesWaiting { get; init; } = 8_192;
}
