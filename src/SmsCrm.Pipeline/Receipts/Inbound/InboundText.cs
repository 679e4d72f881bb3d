using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>A recipient's text to one of the tenants' numbers.</summary>
/// <param name="To">The number or short code that it was sent to.</param>
/// <param name="CreatedAt">The provider's own time; null where it was not asked.</param>
internal sealed record InboundText(
    ProviderSid Sid, Guid AccountId, PhoneNumber From, string To, string Body, Keyword Keyword, DateTimeOffset? CreatedAt, FoundBy FoundBy)
{
    /// <summary>The provider's own matcher knew the keyword and has answered it.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>How many pictures or other files came with it, 0 to 100.</summary>
    public short MediaCount { get; init; }

    /// <summary>What is known of them, up to ten.</summary>
    public IReadOnlyList<InboundMedia> Media { get; init; } = [];
}

/// <summary>How a text came to us. The numbers are stored.</summary>
internal enum FoundBy : short
{
    Webhook = 1,
    List = 2,
}
