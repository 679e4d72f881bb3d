using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Reports;

/// <summary>What is asked of a report.</summary>
/// <param name="From">First day, the tenant's own.</param>
/// <param name="To">Last day.</param>
/// <param name="Compare">With the range of as many days before.</param>
/// <param name="Zone">The tenant's.</param>
/// <param name="CampaignId">Null: all.</param>
/// <param name="Limit">Most lines; null: all.</param>
public sealed record ReportQuery(TenantId Tenant, DateOnly From, DateOnly To, bool Compare, TimeZoneInfo Zone, string? CampaignId, int? Limit)
{
    public DateOnly ComparedFrom => From.AddDays(From.DayNumber - To.DayNumber - 1);

    /// <summary>The first day of all that is read.</summary>
    public DateOnly Start => Compare ? ComparedFrom : From;
}

/// <summary>A line as it was added up.</summary>
/// <param name="Keys">As the database has them, in the order of the report's keys.</param>
internal sealed record ReportLine(IReadOnlyList<object?> Keys, string? Name, IReadOnlyList<long> Figures, IReadOnlyList<long> Previous, bool IsTotal, DateTimeOffset AsOf);
