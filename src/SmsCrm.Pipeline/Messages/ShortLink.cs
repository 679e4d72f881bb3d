namespace SmsCrm.Pipeline.Messages;

/// <summary>A short link of one message.</summary>
/// <param name="Code">As <see cref="LinkCode"/> draws it.</param>
/// <param name="CampaignId">The message's; empty: none.</param>
/// <param name="Placeholder">As the tenant called the link.</param>
/// <param name="Url">Where it leads: http or https, printable ASCII.</param>
/// <param name="ExpiresAt">From then on it answers like one that never was.</param>
public sealed record ShortLink(
    string Code, MessageId Message, TenantId Tenant, string CampaignId, string Placeholder, string Url, DateTimeOffset ExpiresAt)
{
    /// <summary>No link leads anywhere longer than this after its message was accepted.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(400);
}

/// <summary>What becomes of drawn links before their text is accepted.</summary>
public enum ShelfAnswer
{
    /// <summary>They stand where the redirect finds them fastest.</summary>
    Kept,

    /// <summary>The fast side is away or late. That is no reason to refuse a text: Postgres has its links before it goes out.</summary>
    Away,

    /// <summary>Somebody has one of the codes already: draw anew.</summary>
    Taken,
}

/// <summary>The fast side of short links, an edge of the process (Redis), which may be lost.</summary>
public interface ILinkShelf
{
    /// <summary>Never throws for a store that is away, and never waits long for one.</summary>
    ValueTask<ShelfAnswer> KeepAsync(IReadOnlyList<ShortLink> links, CancellationToken cancellation);
}
