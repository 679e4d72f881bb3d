using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>Settings under <c>SmsCrm:Waiting</c>.</summary>
public sealed record WaitingOptions
{
    public const string Section = "SmsCrm:Waiting";

    /// <summary>How often what is due is given out, in milliseconds. 10 to 10,000, default 100.</summary>
    [Range(10, 10_000)]
    public int ReleaseMs { get; init; } = 100;

    /// <summary>How often the lanes are looked over, in milliseconds. 50 to 60,000, default 500.</summary>
    [Range(50, 60_000)]
    public int ScanMs { get; init; } = 500;

    /// <summary>Most messages given out and not settled. 100 to 1,000,000, default 10,000.</summary>
    [Range(100, 1_000_000)]
    public int GivenOut { get; init; } = 10_000;

    /// <summary>Most messages read at a time. 10 to 50,000, default 2,000.</summary>
    [Range(10, 50_000)]
    public int ReadAtOnce { get; init; } = 2_000;

    /// <summary>How long a releaser that is gone keeps the others away, in seconds. 2 to 300, default 10.</summary>
    [Range(2, 300)]
    public int LeaseSeconds { get; init; } = 10;

    /// <summary>
    /// After how many milliseconds a <c>queued</c> message that nobody has taken up is fed to the pipeline from its row. 0 to
    /// 3,600,000; 0: never. Default: 30,000 on a broker that is not durable, else 0, since a durable one brings it again by itself.
    /// </summary>
    [Range(0, 3_600_000)]
    public int? FeedQueuedAfterMs { get; init; }

    /// <summary>Batches of released messages that are in work at once. 1 to 32, default 2.</summary>
    [Range(1, 32)]
    public int ReleasedBatches { get; init; } = 2;

    /// <summary>Most messages in a batch of released ones. 1 to 5,000, default 250.</summary>
    [Range(1, 5_000)]
    public int BatchSize { get; init; } = 250;
}
