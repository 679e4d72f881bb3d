using System.Text;

namespace SmsCrm.Reporting.Reports;

/// <summary>How a report's range is divided. Days are the tenant's own; that of its acceptance stays with a message when the tenant's zone changes.</summary>
public enum ReportGrain
{
    /// <summary>Not at all; the range is in days of acceptance.</summary>
    Whole,

    /// <summary>By days of acceptance.</summary>
    AcceptedDays,

    /// <summary>By the tenant's own days.</summary>
    LocalDays,

    /// <summary>By the hours of the tenant's own clock.</summary>
    LocalHours,
}

/// <summary>A figure of a report: what is added up, of which rows of its source.</summary>
/// <param name="Name">As APIs and exports spell it.</param>
internal sealed record Figure(string Name, string Of, string? Where = null, string Function = "sum")
{
    public string Sql(bool current) =>
        $"coalesce({Function}({Of}) FILTER (WHERE {(current ? "" : "NOT ")}is_current{(Where is null ? "" : $" AND {Where}")}), 0)::bigint";
}

/// <summary>One report: where it reads, what its lines are told apart by, and what it adds up. All of them are answered by one statement of the same form.</summary>
public sealed class Report
{
    /// <summary>Days of a range, and of one that is told by the hour.</summary>
    public const int MostDays = 92;
    public const int MostDaysByHour = 31;

    /// <summary>Of the path, and of the exported file.</summary>
    public required string Name { get; init; }

    public required string Summary { get; init; }

    public required ReportGrain Grain { get; init; }

    /// <summary>Of what the days of a report are that is not told by stretches of time.</summary>
    public string DaysOf { get; init; } = "of acceptance";

    /// <summary>Whether it can be narrowed to a campaign.</summary>
    public bool TakesCampaign { get; init; }

    public int MaxDays => Grain == ReportGrain.LocalHours ? MostDaysByHour : MostDays;

    /// <summary>Whether it has a line for each day or hour, by the time of what happened.</summary>
    public bool ByStretch => Grain is ReportGrain.LocalDays or ReportGrain.LocalHours;

    /// <summary>Columns of <see cref="Source"/>.</summary>
    internal IReadOnlyList<string> Keys { get; init; } = [];

    internal IReadOnlyList<Figure> Figures { get; init; } = [];

    /// <summary>Rows with the keys, what the figures need, and <c>is_current</c>: of the range asked for, else of the one before.</summary>
    internal string Source { get; init; } = "";

    /// <summary>Joined to the finished lines.</summary>
    internal string Names { get; init; } = "";

    /// <summary>The total first, then the lines; both ranges, and the database's clock, from one snapshot.</summary>
    internal string Sql
    {
        get
        {
            var keys = string.Join(", ", Keys);
            var sql = new StringBuilder($"WITH source AS (\n{Source}\n), lines AS (\nSELECT {keys}, grouping({Keys[0]}) = 1 AS is_total");
            for (var i = 0; i < Figures.Count; i++)
            {
                sql.Append($",\n  {Figures[i].Sql(current: true)} AS f{i}, {Figures[i].Sql(current: false)} AS p{i}");
            }

            var order = Grain is ReportGrain.Whole ? $"f0 DESC, {keys}" : keys;
            return sql.Append($"\nFROM source GROUP BY GROUPING SETS (({keys}), ())\n)\nSELECT lines.*, now() AS as_of{(Names.Length == 0 ? "" : ", name")} FROM lines {Names}")
                .Append($"\nORDER BY is_total DESC, {order} LIMIT @limit").ToString();
        }
    }
}
