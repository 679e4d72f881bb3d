using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Writes a request so that it may be called accepted: acknowledged by Kafka with <c>acks=all</c>; on a broker that is not durable the
/// ledger's <c>queued</c> row is committed first, which <i>is</i> the acceptance, and a failed append is then no error: Waiting feeds what
/// nobody has taken up.
/// </summary>
internal sealed class Acceptance(
    IRequestLog log, LedgerQueue ledger, IOptions<IngestOptions> options, IngestMetrics metrics, TimeProvider clock, ILogger<Acceptance> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _commitTimeout = TimeSpan.FromMilliseconds(options.Value.CommitTimeoutMs);
    private readonly TimeSpan _appendGrace = TimeSpan.FromMilliseconds(options.Value.AppendGraceMs);

    /// <param name="repeated">An earlier try under the same key and id may have been written.</param>
    public ValueTask<IngestOutcome> WriteAsync(OutgoingRequest request, bool repeated, CancellationToken cancellation) =>
        log.IsDurable ? AppendAsync(request, repeated, cancellation) : CommitAndAppendAsync(request, repeated);

    private async ValueTask<IngestOutcome> AppendAsync(OutgoingRequest request, bool repeated, CancellationToken cancellation)
    {
        var outcome = await log.AppendAsync(request.Kafka, cancellation).ConfigureAwait(false);
        switch (outcome.Fate)
        {
            case ProduceFate.Acknowledged:
                return new IngestOutcome.Accepted(request.Id, request.Segments, repeated);
            case ProduceFate.NotAppended when !repeated:
                Log.NotAppended(logger, request.Id, outcome.Reason);
                return new IngestOutcome.Unavailable($"Nothing was accepted; try again. {outcome.Reason}", RetryAfter, Id: null);
            default:
                return FateUnknown(request, outcome.Reason);
        }
    }

    private async ValueTask<IngestOutcome> CommitAndAppendAsync(OutgoingRequest request, bool repeated)
    {
        EntryResult row;
        try
        {
            row = await ledger.EnqueueAsync(request.ToAccepted()).WaitAsync(_commitTimeout, clock).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            return FateUnknown(request, failure.Message);
        }

        switch (row.Result)
        {
            case TransitionResult.DuplicateOfFirst when row.FirstHash.AsSpan().SequenceEqual(request.Hash.Span):
                return new IngestOutcome.Accepted(row.FirstId, request.Segments, Repeated: true);
            case TransitionResult.DuplicateOfFirst:
                return new IngestOutcome.Conflict(row.FirstId);
            case TransitionResult.Unusable:
                Log.NotAppended(logger, request.Id, row.Error);
                return new IngestOutcome.Unavailable($"Nothing was accepted: the ledger can't take the message ({row.Error}). Tell the operators.", RetryAfter, Id: null);
            default:
                await AppendWithinGraceAsync(request).ConfigureAwait(false);
                return new IngestOutcome.Accepted(request.Id, request.Segments, repeated);
        }
    }

    /// <summary>The commit was the acceptance: neither a failed append nor a slow one is the caller's concern.</summary>
    private async Task AppendWithinGraceAsync(OutgoingRequest request)
    {
        var append = AppendAfterCommitAsync(request);
        if (!append.IsCompleted)
        {
            await append.WaitAsync(_appendGrace, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AppendAfterCommitAsync(OutgoingRequest request)
    {
        try
        {
            var outcome = await log.AppendAsync(request.Kafka, CancellationToken.None).ConfigureAwait(false);
            if (!outcome.IsAcknowledged)
            {
                metrics.AppendedLater();
                Log.AppendLeftToWaiting(logger, request.Id, outcome.Reason);
            }
        }
        catch (ObjectDisposedException)
        {
            metrics.AppendedLater();
        }
    }

    private IngestOutcome.Unavailable FateUnknown(OutgoingRequest request, string? reason)
    {
        Log.FateUnknown(logger, request.Id, reason);
        return new IngestOutcome.Unavailable(
            request.HasKey
                ? $"It is not known whether the message was accepted: retry with this idempotency key. Its id is {request.Id} either way."
                : $"It is not known whether the message was accepted. If it was, its id is {request.Id}: ask GET /v1/messages/{request.Id} before sending again, or send with an idempotency key.",
            RetryAfter,
            request.Id);
    }
}
