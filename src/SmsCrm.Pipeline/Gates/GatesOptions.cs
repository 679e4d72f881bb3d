using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Pipeline.Gates;

/// <summary>Settings under <c>SmsCrm:Gates</c>.</summary>
public sealed record GatesOptions
{
    public const string Section = "SmsCrm:Gates";

    /// <summary>How often a message of a paused tenant or campaign, or one that waits for held money, is judged anew, in seconds. 1 to 3,600, default 15.</summary>
    [Range(1, 3_600)]
    public int PausedRecheckSeconds { get; init; } = 15;

    /// <summary>Deadline of the round trip that reads a batch's facts, in milliseconds. 100 to 1,500 (they are good for 2,000 from its start), default 1,000.</summary>
    [Range(100, 1_500)]
    public int FactsTimeoutMs { get; init; } = 1_000;
}
