using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>The bounds of a request as the contract states them. Lengths are in UTF-16 units, as the provider counts characters.</summary>
public static class RequestLimits
{
    /// <summary>The provider refuses more (21617).</summary>
    public const int BodyLength = 1_600;

    public const int CampaignIdLength = 64;
    public const int CampaignNameLength = 200;
    public const int PoolLength = 64;
    public const int IdempotencyKeyLength = 255;
    public const int ClientReferenceLength = 64;
    public const int MetadataEntries = 20;
    public const int MetadataKeyLength = 40;
    public const int MetadataValueLength = 500;
    public const int MessagesPerBatch = 1_000;
    public const int Links = 10;
    public const int LinkUrlLength = 2_048;

    /// <summary>How long a short link leads somewhere where the request does not say; as long as the provider's own.</summary>
    public static readonly TimeSpan LinkLasts = TimeSpan.FromDays(90);

    /// <summary>How far ahead a short link may end.</summary>
    public static readonly TimeSpan LinkAhead = ShortLink.LongestLife;

    /// <summary>As far ahead as the provider itself schedules.</summary>
    public static readonly TimeSpan SendAtAhead = TimeSpan.FromDays(35);
}
