using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsCrm.Reporting.Messages;

/// <summary>A message in a list: what became of it so far.</summary>
/// <param name="State"><c>queued</c>, <c>deferred</c>, <c>claimed</c>, <c>unknown</c>, <c>taken</c>, <c>sent</c>, <c>undelivered</c>, <c>delivered</c>, <c>read</c>, <c>failed</c>, <c>rejected</c>, <c>cancelled</c> or <c>uncertain</c>.</param>
/// <param name="Final">Nothing of ours will change it any more; only a late word of the provider still may.</param>
/// <param name="Reason">Why it is where it is; absent where there is nothing to say.</param>
/// <param name="ProviderCode">The provider's error code; absent where there is none.</param>
/// <param name="Segments">SMS segments that the body takes.</param>
/// <param name="Attempt">How many attempts were made to hand it to the provider.</param>
/// <param name="ProviderSid">The provider's id of the text; absent until it was taken.</param>
/// <param name="NoReceipt">The provider took it, and no final word came within the bound.</param>
public record MessageSummaryView(
    Guid Id,
    string State,
    bool Final,
    string? Reason,
    int? ProviderCode,
    string To,
    string? From,
    string Purpose,
    int Segments,
    int Attempt,
    string? CampaignId,
    string? ClientReference,
    string? ProviderSid,
    bool NoReceipt,
    DateTimeOffset AcceptedAt,
    DateTimeOffset UpdatedAt);

/// <summary>A message with its request and everything that happened to it, in order.</summary>
public sealed record MessageView : MessageSummaryView
{
    internal MessageView(MessageSummaryView summary)
        : base(summary)
    {
    }

    [JsonPropertyOrder(1)]
    public string? Body { get; internal init; }

    [JsonPropertyOrder(1)]
    public string? CampaignName { get; internal init; }

    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();

    [JsonPropertyOrder(1)]
    public DateTimeOffset? SendAt { get; internal init; }

    [JsonPropertyOrder(1)]
    public DateTimeOffset? ValidUntil { get; internal init; }

    [JsonPropertyOrder(1)]
    public Guid? RetryOf { get; internal init; }

    /// <summary>The gate's verdict that put it where it is: gate, sentence and facts.</summary>
    [JsonPropertyOrder(1)]
    public JsonElement? Verdict { get; internal init; }

    /// <summary>Only while it is deferred.</summary>
    [JsonPropertyOrder(1)]
    public WaitingView? Waiting { get; internal init; }

    [JsonPropertyOrder(2)]
    public IReadOnlyList<TimelineEventView> Timeline { get; internal init; } = [];

    /// <summary>The first 100 times that its short links were followed.</summary>
    [JsonPropertyOrder(2)]
    public IReadOnlyList<ClickView> Clicks { get; internal init; } = [];
}

/// <summary>A short link was followed.</summary>
/// <param name="Link">As the request called it.</param>
/// <param name="Human">By a person, as far as we know.</param>
/// <param name="Reasons">Why it was no person: <c>head</c> (no click at all), <c>agent</c>, <c>prefetch</c>, <c>too_soon</c>, <c>many_from_address</c>,
/// <c>data_centre</c>, <c>other_country</c>.</param>
public sealed record ClickView(DateTimeOffset At, string Link, bool Human, IReadOnlyList<string> Reasons);

/// <param name="DueAt">When it comes up again at the earliest.</param>
public sealed record WaitingView(string Reason, DateTimeOffset DueAt);

/// <summary>One thing that happened to a message.</summary>
/// <param name="Version">Orders a message's events; one change of the row may have several events.</param>
/// <param name="Kind">The state that it led to, or <c>texted_twice</c>, <c>no_receipt</c>.</param>
/// <param name="At">When the ledger wrote it.</param>
/// <param name="ProviderAt">The provider's own time for it, where it said one.</param>
/// <param name="Sentence">What happened, for people.</param>
/// <param name="Detail">What was known then: a JSON object with the gate, the facts it saw, the rules' version and when it may go next; or the provider's own words.</param>
public sealed record TimelineEventView(
    int Version,
    string Kind,
    DateTimeOffset At,
    int Attempt,
    string? Reason,
    int? ProviderCode,
    DateTimeOffset? ProviderAt,
    string Sentence,
    JsonElement? Detail);

/// <summary>A page, newest first.</summary>
/// <param name="NextCursor">
/// For the page after this one; absent at the end. A page may be shorter than asked, even empty, and still have one: a page looks
/// through a bounded number of messages.
/// </param>
public sealed record MessagePageView(IReadOnlyList<MessageSummaryView> Messages, string? NextCursor);
