using System.ComponentModel.DataAnnotations;

namespace SmsCrm.Pipeline;

/// <summary>Settings under <c>SmsCrm:SendPipeline</c>.</summary>
public sealed record SendPipelineOptions
{
    public const string Section = "SmsCrm:SendPipeline";

    /// <summary>How long a message may rest here for a slot or a token before it goes to Waiting, in milliseconds. 0 to 1,500, default 1,000.</summary>
    [Range(0, 1_500)]
    public int RestMs { get; init; } = 1_000;

    /// <summary>Most messages that rest at once; when they are that many, no further batch is taken. 100 to 1,000,000, default 8,192. A tenant has a quarter.</summary>
    [Range(100, 1_000_000)]
    public int Resting { get; init; } = 8_192;

    /// <summary>Batches of rested messages that are in work at once. 1 to 32, default 2.</summary>
    [Range(1, 32)]
    public int RestedBatches { get; init; } = 2;

    /// <summary>Most messages in a batch of rested ones. 1 to 5,000, default 250.</summary>
    [Range(1, 5_000)]
    public int BatchSize { get; init; } = 250;
}
