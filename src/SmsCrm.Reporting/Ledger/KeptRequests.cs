using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Reporting.Ledger;

/// <summary>
/// Each row against the request that it keeps. All rows would have to be read for it, so it is done for the campaigns and days of which the
/// segments do not agree with the counts, where it names the message.
/// </summary>
internal static class KeptRequests
{
    private const string Suspects = $"""
        WITH counted AS (
          SELECT tenant_id, campaign_id, day, sum(segments) AS segments FROM (
            SELECT tenant_id, campaign_id, day, segments FROM message_counts UNION ALL SELECT tenant_id, campaign_id, day, segments FROM count_deltas
          ) counts
          GROUP BY 1, 2, 3
        ), recount AS (
          SELECT tenant_id, campaign_id, accepted_on AS day, sum(segments) AS segments FROM messages m WHERE {LedgerChecks.Days} GROUP BY 1, 2, 3
        ), suspect AS (
          SELECT tenant_id, campaign_id, day FROM recount LEFT JOIN counted USING (tenant_id, campaign_id, day)
          WHERE recount.segments IS DISTINCT FROM counted.segments
        )
        SELECT m.id, m.segments, m.recipient, m.campaign_id AS CampaignId, m.request FROM messages m
        JOIN suspect s ON s.tenant_id = m.tenant_id AND s.campaign_id = m.campaign_id AND s.day = m.accepted_on
        WHERE {LedgerChecks.Days} AND m.request IS NOT NULL
        ORDER BY m.id LIMIT 1000000
        """;

    public static async Task CheckAsync(LedgerSnapshot snapshot, CancellationToken cancellation)
    {
        var faults = new List<LedgerFault>();
        foreach (var row in await snapshot.RowsAsync<KeptRow>(Suspects, cancellation))
        {
            if (KeptRequest.Read(row.Request) is { } request && (request.Segments != row.Segments || (long)request.Recipient != row.Recipient || request.CampaignId != row.CampaignId))
            {
                faults.Add(new LedgerFault(
                    "requests", row.Id.ToString(), FormattableString.Invariant($"the row has {row.Segments} segments, its request {request.Segments}, or they differ in recipient or campaign")));
            }
        }

        if (faults.Count > 0)
        {
            snapshot.Add("requests", faults.Count, faults);
        }
    }

    private sealed class KeptRow
    {
        public Guid Id { get; init; }

        public short Segments { get; init; }

        public long Recipient { get; init; }

        public string CampaignId { get; init; } = "";

        public byte[] Request { get; init; } = [];
    }
}
