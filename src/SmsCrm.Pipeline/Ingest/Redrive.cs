using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>What a redrive did.</summary>
/// <param name="Found">Queued messages that nobody has taken up.</param>
/// <param name="Appended">Of them: acknowledged by Kafka.</param>
/// <param name="WithoutRequest">Of them: their rows have no request, so nothing can be appended.</param>
public sealed record RedriveReport(long Found, long Appended, long WithoutRequest);

/// <summary>
/// Appends the requests of queued messages that nobody has taken up to Kafka again, where a log has lost them. Safe at any moment and any number of
/// times: the claim takes a message up once, whatever comes twice is a replay.
/// </summary>
public sealed class Redrive
{
    private const int AtOnce = 1_000;
    private readonly QueuedRequests _queued;
    private readonly IRequestLog _log;

    internal Redrive(QueuedRequests queued, IRequestLog log) => (_queued, _log) = (queued, log);

    /// <param name="tenant">Only this one's; null: everybody's.</param>
    /// <param name="olderThan">Accepted so long ago: what is younger is on its way.</param>
    /// <param name="limit">Most messages.</param>
    /// <param name="isTrial">Only counts.</param>
    /// <param name="progress">Told of each thousand.</param>
    public async Task<RedriveReport> RunAsync(
        TenantId? tenant, TimeSpan olderThan, long limit, bool isTrial, IProgress<RedriveReport>? progress, CancellationToken cancellation)
    {
        var report = new RedriveReport(0, 0, 0);
        var after = new MessageId(new Guid("00000000-0000-7000-8000-000000000000"));
        while (report.Found < limit)
        {
            var most = (int)Math.Min(AtOnce, limit - report.Found);
            var rows = await _queued.ReadAsync(after, olderThan, tenant, most, cancellation).ConfigureAwait(false);
            if (rows.Count == 0)
            {
                break;
            }

            var appended = isTrial ? 0 : await AppendAsync(rows, cancellation).ConfigureAwait(false);
            report = new RedriveReport(
                report.Found + rows.Count, report.Appended + appended, report.WithoutRequest + rows.Count(row => row.Request is null));
            progress?.Report(report);
            after = rows[^1].Id;
        }

        return report;
    }

    private async Task<int> AppendAsync(IReadOnlyList<(MessageId Id, byte[]? Request)> rows, CancellationToken cancellation)
    {
        var appends = rows.Where(row => row.Request is not null)
            .Select(row => _log.AppendAsync(OutgoingRequest.ToKafka(RequestRecord.Parser.ParseFrom(row.Request)), cancellation).AsTask())
            .ToList();
        return (await Task.WhenAll(appends).ConfigureAwait(false)).Count(outcome => outcome.IsAcknowledged);
    }
}
