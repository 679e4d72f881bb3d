using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Pipeline.Pacing;

/// <summary>Settings under <c>SmsCrm:Pacing</c>.</summary>
public sealed record PacingOptions
{
    public const string Section = "SmsCrm:Pacing";

    /// <summary>What a bucket holds when full, in milliseconds of its rate. 10 to 1,000, default 1,000.</summary>
    [Range(10, 1_000)]
    public int BurstMs { get; init; } = 1_000;

    /// <summary>What marketing leaves in each bucket for transactional messages, in milliseconds of its rate. 0 to 900, default 200.</summary>
    [Range(0, 900)]
    public int ReserveMs { get; init; } = 200;
}
