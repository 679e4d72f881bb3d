using System.Text.Json.Serialization;

namespace SmsCrm.Reporting.Reports;

/// <summary>A report of a range of days.</summary>
/// <param name="TimeZone">Whose days these are: the tenant's, IANA. Messages that are told by the day of their acceptance have the day that it was there then.</param>
/// <param name="ComparedFrom">First day of the range before, where it was asked for; absent else.</param>
/// <param name="AsOf">The moment that the figures are of.</param>
/// <param name="Previous">The total of the range before.</param>
/// <param name="More">Whether there are more lines than were asked for; the total has all of them.</param>
public sealed record ReportView(
    string Report,
    DateOnly From,
    DateOnly To,
    string TimeZone,
    DateOnly? ComparedFrom,
    DateOnly? ComparedTo,
    DateTimeOffset AsOf,
    FiguresView Total,
    FiguresView? Previous,
    IReadOnlyList<ReportLineView> Lines,
    bool More);

/// <summary>One line: what it is about, its figures, and those of the range before. What a report does not tell is absent.</summary>
public sealed record ReportLineView
{
    /// <summary>Empty: messages without a campaign.</summary>
    public string? CampaignId { get; init; }

    /// <summary>As the latest request that named it has it; absent: none did.</summary>
    public string? CampaignName { get; init; }

    /// <summary>All zeros: not known.</summary>
    public Guid? SenderId { get; init; }

    /// <summary>Its number or name; absent once the sender was removed.</summary>
    public string? Sender { get; init; }

    /// <summary>ISO 3166-1 alpha-2; empty: not known.</summary>
    public string? Country { get; init; }

    public string? State { get; init; }

    public string? Reason { get; init; }

    public int? ProviderCode { get; init; }

    public DateOnly? Day { get; init; }

    /// <summary>First moment of the day or hour, at the zone's offset.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The first moment after it.</summary>
    public DateTimeOffset? End { get; init; }

    [JsonPropertyOrder(1)]
    public required FiguresView Figures { get; init; }

    [JsonPropertyOrder(1)]
    public FiguresView? Previous { get; init; }
}

/// <summary>What was added up. What a report does not tell is absent.</summary>
public sealed record FiguresView
{
    /// <summary>Whatever became of them then. Told by day or hour: by the time of acceptance.</summary>
    public long? Accepted { get; init; }

    public long? Messages { get; init; }

    /// <summary>Queued, deferred, claimed or unknown.</summary>
    public long? Waiting { get; init; }

    /// <summary>Told by day or hour: the provider said that it took them.</summary>
    public long? Taken { get; init; }

    /// <summary>The provider took them, whatever became of them then. Told by day or hour: the provider handed them to the carrier.</summary>
    public long? Sent { get; init; }

    public long? Delivered { get; init; }

    public long? Read { get; init; }

    public long? Undelivered { get; init; }

    /// <summary>Ended without the provider taking them.</summary>
    public long? Failed { get; init; }

    /// <summary>Ended by us or the tenant before they were handed over. Told by day or hour: without those cancelled.</summary>
    public long? Rejected { get; init; }

    public long? Cancelled { get; init; }

    /// <summary>Nobody's word says whether they were sent.</summary>
    public long? Uncertain { get; init; }

    public long? OptOuts { get; init; }

    public long? OptIns { get; init; }

    /// <summary>All but HEAD requests, previews and scanners among them.</summary>
    public long? Clicks { get; init; }

    /// <summary>Those of people, as far as we know.</summary>
    public long? HumanClicks { get; init; }

    /// <summary>Messages of which a person followed a link, each counted once, at the first of those clicks: what to hold against <c>delivered</c>.</summary>
    public long? UniqueClicks { get; init; }

    /// <summary>Of what was sent or may have been; of the messages, where a report is about what was not sent.</summary>
    public long? Segments { get; init; }

    /// <summary>By estimate, in the currency's unit.</summary>
    public decimal? Cost { get; init; }
}
