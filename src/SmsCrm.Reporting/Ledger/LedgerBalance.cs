using System.Globalization;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Ledger;

/// <summary>What is counted, or what waits, of a campaign and day.</summary>
internal sealed class LedgerRow
{
    /// <summary>Null: all days and campaigns.</summary>
    public DateTime? Day { get; init; }

    public string? CampaignId { get; init; }

    /// <summary>True: rows of <c>waiting</c>; false: the counts.</summary>
    public bool Waits { get; init; }

    public short State { get; init; }

    public short Reason { get; init; }

    public int Code { get; init; }

    public long Messages { get; init; }

    public long Overdue { get; init; }

    public long NextHour { get; init; }

    public DateTime? Earliest { get; init; }

    public DateTime? Latest { get; init; }
}

/// <summary>Adds up one line of the ledger and looks whether it balances; pure.</summary>
internal static class LedgerBalance
{
    private const int MostReasons = 100;

    /// <param name="rows">Of one campaign and day, or of all.</param>
    public static LedgerLineView Line(DateOnly? day, string? campaignId, IReadOnlyCollection<LedgerRow> rows)
    {
        var counts = rows.Where(row => !row.Waits).ToList();
        var waits = rows.Where(row => row.Waits).ToDictionary(row => row.Reason);
        long Of(Func<MessageState, bool> part) => counts.Where(row => part((MessageState)row.State)).Sum(row => row.Messages);

        LedgerPartView Part(Func<MessageState, bool> part) => new(Of(part), [.. counts
            .Where(row => part((MessageState)row.State))
            .OrderByDescending(row => row.Messages).ThenBy(row => row.State).ThenBy(row => row.Reason).ThenBy(row => row.Code)
            .Take(MostReasons)
            .Select(row => new LedgerReasonView(
                ((MessageState)row.State).Code(),
                ReasonCode(row.Reason),
                row.Code == 0 ? null : row.Code,
                row.Messages,
                (MessageState)row.State == MessageState.Deferred ? Due(waits.GetValueOrDefault(row.Reason)) : null))]);

        var accepted = counts.Sum(row => row.Messages);
        var sent = new LedgerSentView(
            Of(MessageStates.IsTaken),
            Of(state => state is MessageState.Delivered or MessageState.Read),
            Of(state => state is MessageState.Undelivered),
            Of(state => state is MessageState.Taken or MessageState.Sent));
        var rejected = Part(state => state is MessageState.Rejected or MessageState.Cancelled);
        var waiting = Part(state => state is MessageState.Queued or MessageState.Deferred or MessageState.Claimed or MessageState.Unknown);
        var failed = Part(state => state is MessageState.Failed);
        var uncertain = Of(state => state is MessageState.Uncertain);
        var sum = sent.Messages + rejected.Messages + waiting.Messages + failed.Messages + uncertain;
        var differences = Differences(accepted, sum, counts, waits);
        return new LedgerLineView(
            day, campaignId, accepted, sent, rejected, waiting, failed, uncertain, sum, differences.Count == 0, differences);
    }

    private static List<string> Differences(long accepted, long sum, List<LedgerRow> counts, Dictionary<short, LedgerRow> waits)
    {
        var differences = new List<string>();
        if (sum != accepted)
        {
            differences.Add(string.Create(CultureInfo.InvariantCulture, $"{accepted} accepted, and the parts add up to {sum}"));
        }

        differences.AddRange(counts.Where(row => row.Messages < 0).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row.Messages} messages counted in state {row.State}, reason {row.Reason}, code {row.Code}")));

        var deferred = counts.Where(row => row.State == (short)MessageState.Deferred).GroupBy(row => row.Reason).ToDictionary(g => g.Key, g => g.Sum(row => row.Messages));
        differences.AddRange(deferred.Keys.Union(waits.Keys).Order()
            .Select(reason => (Reason: reason, Counted: deferred.GetValueOrDefault(reason), Waits: waits.GetValueOrDefault(reason)?.Messages ?? 0))
            .Where(both => both.Counted != both.Waits)
            .Select(both => string.Create(
                CultureInfo.InvariantCulture, $"{both.Counted} counted as deferred for {ReasonCode(both.Reason)}, {both.Waits} wait for it")));
        return [.. differences.Take(MostReasons)];
    }

    private static LedgerDueView? Due(LedgerRow? waits) => waits is { Earliest: { } earliest, Latest: { } latest }
        ? new LedgerDueView(waits.Overdue, waits.NextHour, waits.Messages - waits.Overdue - waits.NextHour, earliest, latest)
        : null;

    /// <summary>A number that is none of ours is shown as it is: a ledger that is wrong must still be told.</summary>
    private static string? ReasonCode(short reason) => reason == 0 ? null
        : Enum.IsDefined((Reason)reason) ? ((Reason)reason).Code()
        : string.Create(CultureInfo.InvariantCulture, $"reason_{reason}");
}
