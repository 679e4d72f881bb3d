namespace SmsCrm.Reporting.Conversations;

/// <summary>A text of a conversation.</summary>
/// <param name="Direction"><c>inbound</c> (the recipient wrote it) or <c>outbound</c>.</param>
/// <param name="Id">A message's id, or the provider's id of an inbound text.</param>
/// <param name="At">Its place in the order: <paramref name="SentAt"/>, else <paramref name="AcceptedAt"/>; when it came from the recipient.</param>
/// <param name="AcceptedAt">Of a message: when it was accepted from the tenant.</param>
/// <param name="SentAt">Of a message: when it was taken up to be handed to the provider; absent for what was not, or was refused by it.</param>
/// <param name="From">The tenant's sender or the recipient; absent for what no sender was chosen for.</param>
/// <param name="Body">Absent where it is not kept any more.</param>
/// <param name="State">Of a message; see <c>GET /v1/messages</c>.</param>
/// <param name="Keyword">Of an inbound text: <c>stop</c>, <c>help</c>, <c>start</c> or <c>review</c> (a wish to stop in words of its own).</param>
/// <param name="ReplyTo">Of an inbound text: the message that it answers, the last one from that sender to that number before it.</param>
/// <param name="CampaignId">The message's campaign, or that of the message which is answered.</param>
public sealed record ConversationTextView(
    string Direction,
    string Id,
    DateTimeOffset At,
    DateTimeOffset? AcceptedAt,
    DateTimeOffset? SentAt,
    string? From,
    string? To,
    string? Body,
    string? State,
    string? Keyword,
    Guid? ReplyTo,
    string? CampaignId)
{
    /// <summary>How many pictures or other files came with an inbound text; absent where none did.</summary>
    public int? MediaCount { get; init; }

    /// <summary>What is known of them, up to ten; absent where nothing is.</summary>
    public IReadOnlyList<ConversationMediaView>? Media { get; init; }
}

/// <summary>A file that came with an inbound text. It lies at the provider, who asks for the account's credentials unless told otherwise.</summary>
/// <param name="ContentType">Such as <c>image/jpeg</c>; absent where it is not known.</param>
/// <param name="Url">https; absent where it is not known.</param>
public sealed record ConversationMediaView(string? ContentType, string? Url);

/// <summary>What a recipient and the tenant wrote to one another, newest first.</summary>
/// <param name="Suppressed">The number has opted out.</param>
/// <param name="NextCursor">For the page after this one; absent at the end.</param>
public sealed record ConversationView(string Number, bool Suppressed, IReadOnlyList<ConversationTextView> Texts, string? NextCursor);

/// <summary>A recipient who wrote, with the last text.</summary>
public sealed record ConversationSummaryView(string Number, DateTimeOffset LastAt, string LastBody, string? Keyword, string? CampaignId)
{
    /// <summary>How many pictures or other files came with it; absent where none did.</summary>
    public int? MediaCount { get; init; }
}

/// <param name="NextCursor">For the page after this one; absent at the end. A page may be shorter than asked: a recipient is in it once.</param>
public sealed record ConversationPageView(IReadOnlyList<ConversationSummaryView> Conversations, string? NextCursor);

/// <summary>A text that looked like a wish to stop: its sender is suppressed, and somebody is to read it.</summary>
/// <param name="State"><c>open</c>, <c>confirmed</c> or <c>lifted</c>.</param>
public sealed record ReviewView(
    Guid Id, string Number, string To, string Body, string ProviderSid, string State, DateTimeOffset CreatedAt, DateTimeOffset? DecidedAt, string? DecidedBy);

/// <param name="NextCursor">For the page after this one; absent at the end.</param>
public sealed record ReviewPageView(IReadOnlyList<ReviewView> Reviews, string? NextCursor);
