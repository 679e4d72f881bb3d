namespace SmsCrm.Reporting.Reports;

/// <summary>Every report.</summary>
public static class ReportList
{
    private const string Range = "tenant_id = @tenant AND day BETWEEN @start AND @to";

    /// <summary>Totals and what is not yet folded into them.</summary>
    private static readonly string Counts = Both(
        "message_counts", "count_deltas", "day, campaign_id, state, reason, code, messages, segments, micros", $"{Range} AND (@campaign::text IS NULL OR campaign_id = @campaign)");

    private static readonly string Senders = Both(
        "sender_counts", "sender_count_deltas", "day, sender_id, country, sent, delivered, undelivered, failed, uncertain, segments, micros", Range);

    private const string Clicks =
        "FROM link_counts WHERE tenant_id = @tenant AND quarter >= @begin AND quarter < @end AND (@campaign::text IS NULL OR campaign_id = @campaign)";

    private const string CampaignNames =
        "LEFT JOIN (SELECT campaign_id AS id, name FROM campaign_names WHERE tenant_id = @tenant) named ON named.id = lines.campaign_id";

    private static readonly Figure[] Clicked = [new("clicks", "raw"), new("human_clicks", "human"), new("unique_clicks", "clickers")];

    private static readonly Figure[] Outcomes =
    [
        new("accepted", "messages"),
        new("waiting", "messages", "state IN (1, 2, 3, 4)"),
        new("sent", "messages", "state BETWEEN 5 AND 9"),
        new("delivered", "messages", "state IN (8, 9)"),
        new("undelivered", "messages", "state = 7"),
        new("failed", "messages", "state = 10"),
        new("rejected", "messages", "state IN (11, 12)"),
        new("uncertain", "messages", "state = 13"),
        new("segments", "segments", "state IN (5, 6, 7, 8, 9, 13)"),
        new("cost", "micros"),
    ];

    private static readonly Figure[] Handed =
    [
        new("sent", "sent"), new("delivered", "delivered"), new("undelivered", "undelivered"), new("failed", "failed"), new("uncertain", "uncertain"),
        new("segments", "segments"), new("cost", "micros"),
    ];

    /// <summary>Columns of the quarter-hours, with their kinds of <c>EventKind</c>; 0 is no event: a message was accepted.</summary>
    private static readonly (string Name, int Kind)[] Happened =
    [
        ("accepted", 0), ("taken", 5), ("sent", 6), ("delivered", 8), ("read", 9), ("undelivered", 7), ("failed", 10), ("rejected", 11), ("cancelled", 12), ("uncertain", 13),
    ];

    private static readonly string HappenedNames = string.Join(", ", Happened.Select(static figure => figure.Name));

    /// <summary>Totals, a row for each quarter-hour, and what is not yet folded into them, a row for each kind.</summary>
    private static readonly string Quarters = $"""
        SELECT quarter, {HappenedNames} FROM event_quarters WHERE tenant_id = @tenant AND quarter >= @begin AND quarter < @end
        UNION ALL
        SELECT quarter, {string.Join(", ", Happened.Select(static figure => $"CASE kind WHEN {figure.Kind} THEN events ELSE 0 END::bigint"))}
        FROM event_count_deltas WHERE tenant_id = @tenant AND quarter >= @begin AND quarter < @end
        """;

    public static Report Campaigns { get; } = new()
    {
        Name = "campaigns",
        Summary = "By campaign: accepted, and what became of it; what cost money; the largest first",
        Grain = ReportGrain.Whole,
        TakesCampaign = true,
        Keys = ["campaign_id"],
        Figures = Outcomes,
        Source = $"""
            SELECT campaign_id, state, day >= @from AS is_current, sum(messages)::bigint AS messages, sum(segments)::bigint AS segments, sum(micros)::bigint AS micros
            FROM ({Counts}) counts GROUP BY 1, 2, 3
            """,
        Names = CampaignNames,
    };

    public static Report Days { get; } = new()
    {
        Name = "days",
        Summary = "By the tenant's own days: what was accepted on each, and what the provider and we said of messages, by the time of the event",
        Grain = ReportGrain.LocalDays,
        Keys = ["stretch"],
        Figures = [.. Happened.Select(static figure => new Figure(figure.Name, figure.Name))],
        Source = Stretches("quarter", HappenedNames, Quarters),
    };

    public static Report Hours { get; } = new()
    {
        Name = "hours",
        Summary = "The same by the hours of the tenant's own clock",
        Grain = ReportGrain.LocalHours,
        Keys = ["stretch"],
        Figures = [.. Happened.Select(static figure => new Figure(figure.Name, figure.Name))],
        Source = Stretches("quarter", HappenedNames, Quarters),
    };

    public static Report Reasons { get; } = new()
    {
        Name = "reasons",
        Summary = "What was not sent, by reason: rejected by a gate, cancelled, or refused by the provider",
        Grain = ReportGrain.Whole,
        TakesCampaign = true,
        Keys = ["state", "reason"],
        Figures = [new("messages", "messages"), new("segments", "segments")],
        Source = $"SELECT state, reason, messages, segments, day >= @from AS is_current FROM ({Counts}) counts WHERE state IN (10, 11, 12)",
    };

    public static Report Errors { get; } = new()
    {
        Name = "errors",
        Summary = "By the provider's error code, and the state that it led to",
        Grain = ReportGrain.Whole,
        TakesCampaign = true,
        Keys = ["code", "state"],
        Figures = [new("messages", "messages"), new("segments", "segments")],
        Source = $"SELECT code, state, messages, segments, day >= @from AS is_current FROM ({Counts}) counts WHERE code <> 0",
    };

    public static Report BySender { get; } = new()
    {
        Name = "senders",
        Summary = "What each sender sent, and its cost",
        Grain = ReportGrain.Whole,
        Keys = ["sender_id"],
        Figures = Handed,
        Source = $"SELECT *, day >= @from AS is_current FROM ({Senders}) counts",
        Names = "LEFT JOIN (SELECT id, address AS name FROM senders WHERE tenant_id = @tenant) named ON named.id = lines.sender_id",
    };

    public static Report Countries { get; } = new()
    {
        Name = "countries",
        Summary = "What was sent to each country, and its cost",
        Grain = ReportGrain.Whole,
        Keys = ["country"],
        Figures = Handed,
        Source = $"SELECT *, day >= @from AS is_current FROM ({Senders}) counts",
    };

    public static Report Costs { get; } = new()
    {
        Name = "costs",
        Summary = "What was spent by estimate (segments x rate), by day of acceptance; uncertain counts as spent",
        Grain = ReportGrain.AcceptedDays,
        TakesCampaign = true,
        Keys = ["day"],
        Figures = [new("messages", "messages"), new("segments", "segments"), new("cost", "micros")],
        Source = $"""
            SELECT CASE WHEN day >= @from THEN day ELSE (day + (@from::date - @start::date)) END AS day, messages, segments, micros, day >= @from AS is_current
            FROM ({Counts}) counts WHERE state IN (5, 6, 7, 8, 9, 13)
            """,
    };

    public static Report OptOuts { get; } = new()
    {
        Name = "opt-outs",
        Summary = "Recipients who stopped and who came back, by the tenant's own days",
        Grain = ReportGrain.LocalDays,
        Keys = ["stretch"],
        Figures = [new("opt_outs", "DISTINCT number", "kind = 'suppressed'", "count"), new("opt_ins", "DISTINCT number", "kind = 'lifted'", "count")],
        Source = Stretches(
            "at", "kind, number", "SELECT at, kind, number FROM consent_records WHERE tenant_id = @tenant AND at >= @begin AND at < @end AND kind IN ('suppressed', 'lifted')"),
    };

    public static Report ClickDays { get; } = new()
    {
        Name = "clicks",
        Summary = "Clicks on short links by the tenant's own days, those of people apart, and messages by their first of those; previews and scanners are clicks only",
        Grain = ReportGrain.LocalDays,
        TakesCampaign = true,
        Keys = ["stretch"],
        Figures = Clicked,
        Source = Stretches("quarter", "raw, human, clickers", $"SELECT quarter, raw, human, clickers {Clicks}"),
    };

    public static Report ClickCampaigns { get; } = new()
    {
        Name = "clicks-by-campaign",
        Summary = "The same by campaign, the most clicked first",
        Grain = ReportGrain.Whole,
        DaysOf = "of the click",
        TakesCampaign = true,
        Keys = ["campaign_id"],
        Figures = Clicked,
        Source = $"SELECT campaign_id, raw, human, clickers, quarter >= @current AS is_current {Clicks}",
        Names = CampaignNames,
    };

    public static IReadOnlyList<Report> All { get; } =
        [Campaigns, Days, Hours, Reasons, Errors, BySender, Countries, Costs, OptOuts, ClickDays, ClickCampaigns];

    private static string Both(string totals, string deltas, string columns, string where) =>
        $"SELECT {columns} FROM {totals} WHERE {where} UNION ALL SELECT {columns} FROM {deltas} WHERE {where}";

    /// <summary>
    /// Each row with the number of its stretch, from 0. The range before begins with as many stretches, laid beside those asked for; where they
    /// can't be (two ranges may differ by an hour) its stretch is -1 and only its total counts. OFFSET keeps Postgres from looking for it once for each use.
    /// </summary>
    private static string Stretches(string time, string columns, string rows) => $"""
        SELECT {columns}, nth > @before AS is_current,
          CASE WHEN nth > @before THEN nth - @before - 1 WHEN @aligned THEN nth - 1 ELSE -1 END AS stretch
        FROM (SELECT {columns}, width_bucket({time}, @bounds::timestamptz[]) AS nth FROM ({rows}) counted OFFSET 0) numbered
        """;
}
