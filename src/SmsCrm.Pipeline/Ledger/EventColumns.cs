using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// The columns of <c>event_quarters</c>: a row for each tenant and quarter-hour with a figure for each kind of event, so that a report of months reads
/// few rows. The deltas name the kind instead: they are written where one kind at a time is known.
/// </summary>
internal static class EventColumns
{
    /// <summary>No event, but counted with them: a message that was accepted, at the time of its id.</summary>
    private const short Accepted = 0;

    private static readonly (short Kind, string Name)[] All = [(Accepted, "accepted"), .. Enum.GetValues<EventKind>().Select(static kind => ((short)kind, kind.Code()))];

    /// <summary>Their names, in one order.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(static column => column.Name));

    /// <summary>The figures of rows with a kind each, in the order of the names.</summary>
    /// <param name="figure">How many the row tells.</param>
    public static string Sums(string figure) =>
        string.Join(", ", All.Select(column => $"coalesce(sum({figure}) FILTER (WHERE kind = {column.Kind}), 0)::bigint AS {column.Name}"));

    /// <summary>All of them as one row, such as <c>(c.accepted, c.queued, ...)</c>.</summary>
    public static string Row(string table) => $"({string.Join(", ", All.Select(column => $"{table}.{column.Name}"))})";

    /// <summary>The row of a quarter-hour in which nothing happened.</summary>
    public static string Nothing { get; } = $"({string.Join(", ", All.Select(static _ => "0"))})";

    /// <summary>For an upsert: what is excluded in place of what is there, or added to it.</summary>
    /// <param name="table">That the figures are added to; null: replaced.</param>
    public static string Set(string? table) =>
        string.Join(", ", All.Select(column => $"{column.Name} = {(table is null ? "" : $"{table}.{column.Name} + ")}EXCLUDED.{column.Name}"));
}
