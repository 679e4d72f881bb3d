using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Accepts messages: validate, normalise, look at the idempotency key, append. <i>Accepted</i> means acknowledged by Kafka with
/// <c>acks=all</c>; on a broker that is not durable it means that the ledger's <c>queued</c> row is committed, and a failed append is then
/// no error: Waiting feeds what nobody has taken up.
/// </summary>
public sealed class MessageIntake : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly MessageValidator _validator;
    private readonly MessageIdSource _ids;
    private readonly IdempotencyKeys _keys;
    private readonly LedgerQueue _ledger;
    private readonly IRequestLog _log;
    private readonly IngestOptions _options;
    private readonly IngestMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<MessageIntake> _logger;
    private readonly SemaphoreSlim _room;

    internal MessageIntake(
        MessageValidator validator,
        MessageIdSource ids,
        IdempotencyKeys keys,
        LedgerQueue ledger,
        IRequestLog log,
        IOptions<IngestOptions> options,
        IngestMetrics metrics,
        TimeProvider clock,
        ILogger<MessageIntake> logger)
    {
        _validator = validator;
        _ids = ids;
        _keys = keys;
        _ledger = ledger;
        _log = log;
        _options = options.Value;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _room = new SemaphoreSlim(_options.MaxInFlight);
        metrics.ObserveInFlight(() => _options.MaxInFlight - _room.CurrentCount);
    }

    /// <summary>Accepts one message, or says at once that there is no room.</summary>
    /// <param name="already">Violations found while the request was read; fields named there are not judged again.</param>
    public async ValueTask<IngestOutcome> AcceptAsync(
        IngestCaller caller, SendRequest request, CancellationToken cancellation, IReadOnlyList<RequestViolation>? already = null)
    {
        if (!_room.Wait(0, CancellationToken.None))
        {
            _metrics.Count(IngestMetrics.Busy);
            return new IngestOutcome.Busy(RetryAfter);
        }

        return await JudgeAndReleaseAsync(caller, request, already, cancellation).ConfigureAwait(false);
    }

    /// <summary>As <see cref="AcceptAsync"/>, but waits for room: a stream's way to push back.</summary>
    public async ValueTask<IngestOutcome> AcceptWhenThereIsRoomAsync(IngestCaller caller, SendRequest request, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        return await JudgeAndReleaseAsync(caller, request, already: null, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _room.Dispose();

    private async ValueTask<IngestOutcome> JudgeAndReleaseAsync(
        IngestCaller caller, SendRequest request, IReadOnlyList<RequestViolation>? already, CancellationToken cancellation)
    {
        var started = _clock.GetTimestamp();
        try
        {
            var outcome = await JudgeAsync(caller, request, already, cancellation).ConfigureAwait(false);
            _metrics.Answered(outcome, request.Purpose, _clock.GetElapsedTime(started));
            return outcome;
        }
        finally
        {
            _room.Release();
        }
    }

    private ValueTask<IngestOutcome> JudgeAsync(
        IngestCaller caller, SendRequest request, IReadOnlyList<RequestViolation>? already, CancellationToken cancellation)
    {
        var valid = _validator.Validate(caller, request, out var violations);
        if (already is { Count: > 0 })
        {
            var named = already.Select(static v => v.Field).ToHashSet(StringComparer.Ordinal);
            return new(new IngestOutcome.Invalid([.. already, .. (violations ?? []).Where(v => !named.Contains(v.Field))]));
        }

        if (valid is null)
        {
            return new(new IngestOutcome.Invalid(violations!));
        }

        return request.IdempotencyKey.Length == 0
            ? WriteAsync(caller, OutgoingRequest.Create(caller, valid, _ids.Next(), hash: null), valid, key: null, repeated: false, cancellation)
            : AcceptWithKeyAsync(caller, valid, cancellation);
    }

    private async ValueTask<IngestOutcome> AcceptWithKeyAsync(IngestCaller caller, ValidRequest valid, CancellationToken cancellation)
    {
        var key = valid.Record.IdempotencyKey;
        var hash = OutgoingRequest.HashOf(valid.Record);
        var decision = await _keys.TakeAsync(caller.Tenant, key, _ids.Next(), hash, cancellation).ConfigureAwait(false);
        switch (decision.State)
        {
            case KeyState.Repeated:
                return new IngestOutcome.Accepted(decision.Id, valid.Record.Segments, Repeated: true);
            case KeyState.Conflict:
                return new IngestOutcome.Conflict(decision.Id);
            default:
                var outgoing = OutgoingRequest.Create(caller, valid, decision.Id, hash);
                var repeated = decision.State == KeyState.TryAgain;
                var outcome = await WriteAsync(caller, outgoing, valid, key, repeated, cancellation).ConfigureAwait(false);
                if (outcome is IngestOutcome.Accepted accepted)
                {
                    _keys.Acknowledge(caller.Tenant, key, accepted.Id, hash);
                }

                return outcome;
        }
    }

    private ValueTask<IngestOutcome> WriteAsync(
        IngestCaller caller, OutgoingRequest outgoing, ValidRequest valid, string? key, bool repeated, CancellationToken cancellation) =>
        _log.IsDurable
            ? AppendAsync(outgoing, valid, key, repeated, cancellation)
            : CommitAndAppendAsync(caller, outgoing, valid, key, repeated);

    private async ValueTask<IngestOutcome> AppendAsync(
        OutgoingRequest outgoing, ValidRequest valid, string? key, bool repeated, CancellationToken cancellation)
    {
        var outcome = await _log.AppendAsync(outgoing.Kafka, cancellation).ConfigureAwait(false);
        switch (outcome.Fate)
        {
            case ProduceFate.Acknowledged:
                return new IngestOutcome.Accepted(outgoing.Id, valid.Record.Segments, repeated);
            case ProduceFate.NotAppended when !repeated:
                Log.NotAppended(_logger, outgoing.Id, outcome.Reason);
                return new IngestOutcome.Unavailable($"Nothing was accepted; try again. {outcome.Reason}", RetryAfter, Id: null);
            default:
                Log.FateUnknown(_logger, outgoing.Id, outcome.Reason);
                return FateUnknown(outgoing.Id, key);
        }
    }

    private async ValueTask<IngestOutcome> CommitAndAppendAsync(
        IngestCaller caller, OutgoingRequest outgoing, ValidRequest valid, string? key, bool repeated)
    {
        EntryResult row;
        try
        {
            row = await _ledger.EnqueueAsync(outgoing.ToAccepted()).WaitAsync(TimeSpan.FromMilliseconds(_options.CommitTimeoutMs), _clock).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is Npgsql.NpgsqlException or TimeoutException)
        {
            Log.FateUnknown(_logger, outgoing.Id, failure.Message);
            return FateUnknown(outgoing.Id, key);
        }

        if (row.Result == TransitionResult.DuplicateOfFirst)
        {
            var same = row.FirstHash.AsSpan().SequenceEqual(valid.Record.RequestHash.Span);
            return same
                ? new IngestOutcome.Accepted(row.FirstId, valid.Record.Segments, Repeated: true)
                : new IngestOutcome.Conflict(row.FirstId);
        }

        await AppendWithinGraceAsync(outgoing).ConfigureAwait(false);
        return new IngestOutcome.Accepted(outgoing.Id, valid.Record.Segments, repeated);
    }

    /// <summary>The commit was the acceptance: neither a failed append nor a slow one is the caller's concern.</summary>
    private async Task AppendWithinGraceAsync(OutgoingRequest outgoing)
    {
        var append = AppendAfterCommitAsync(outgoing);
        if (!append.IsCompleted)
        {
            await Task.WhenAny(append, Task.Delay(TimeSpan.FromMilliseconds(_options.AppendGraceMs), _clock)).ConfigureAwait(false);
        }
    }

    private async Task AppendAfterCommitAsync(OutgoingRequest outgoing)
    {
        try
        {
            var outcome = await _log.AppendAsync(outgoing.Kafka, CancellationToken.None).ConfigureAwait(false);
            if (!outcome.IsAcknowledged)
            {
                _metrics.AppendedLater();
                Log.AppendLeftToWaiting(_logger, outgoing.Id, outcome.Reason);
            }
        }
        catch (ObjectDisposedException)
        {
            _metrics.AppendedLater();
        }
    }

    private static IngestOutcome.Unavailable FateUnknown(MessageId id, string? key) => new(
        key is null
            ? $"It is not known whether the message was accepted. If it was, its id is {id}: ask GET /v1/messages/{id} before sending again, or send with an idempotency key."
            : $"It is not known whether the message was accepted: retry with this idempotency key. Its id is {id} either way.",
        RetryAfter,
        id);
}
