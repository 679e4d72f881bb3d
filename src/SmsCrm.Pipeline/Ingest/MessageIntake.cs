using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Accepts messages: validate, normalise, look at the idempotency key, draw its short links, write (<see cref="Acceptance"/>).</summary>
public sealed class MessageIntake : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly MessageValidator _validator;
    private readonly MessageIdSource _ids;
    private readonly IdempotencyKeys _keys;
    private readonly Acceptance _acceptance;
    private readonly Admission _admission;
    private readonly ILinkShelf _links;
    private readonly int _maxInFlight;
    private readonly IngestMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _room;

    internal MessageIntake(
        MessageValidator validator,
        MessageIdSource ids,
        IdempotencyKeys keys,
        Acceptance acceptance,
        Admission admission,
        ILinkShelf links,
        IOptions<IngestOptions> options,
        IngestMetrics metrics,
        TimeProvider clock)
    {
        _validator = validator;
        _ids = ids;
        _keys = keys;
        _acceptance = acceptance;
        _admission = admission;
        _links = links;
        _maxInFlight = options.Value.MaxInFlight;
        _metrics = metrics;
        _clock = clock;
        _room = new SemaphoreSlim(_maxInFlight);
        metrics.ObserveInFlight(() => _maxInFlight - _room.CurrentCount);
    }

    /// <summary>Accepts one message, or says at once that there is no room.</summary>
    /// <param name="already">Violations found while the request was read; fields named there are not judged again.</param>
    public async ValueTask<IngestOutcome> AcceptAsync(
        IngestCaller caller, SendRequest request, CancellationToken cancellation, IReadOnlyList<RequestViolation>? already = null)
    {
        if (!_room.Wait(0, CancellationToken.None))
        {
            _metrics.Count(IngestMetrics.Busy);
            return new IngestOutcome.Busy(
                RetryAfter, "Too many messages are being accepted at the moment; nothing was accepted of this one: try again later.");
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
            ? AdmitAndWriteAsync(caller, OutgoingRequest.Create(caller, valid, _ids.Next(), hash: null, _clock.GetUtcNow()), repeated: false, cancellation)
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
            case KeyState.Unanswered:
                return new IngestOutcome.Unavailable(
                    "Nothing was accepted: it can't be told in time whether this idempotency key is known. Retry with the same key.", RetryAfter, Id: null);
            default:
                var outgoing = OutgoingRequest.Create(caller, valid, decision.Id, hash, _clock.GetUtcNow());
                var repeated = decision.State == KeyState.TryAgain;
                var outcome = await AdmitAndWriteAsync(caller, outgoing, repeated, cancellation).ConfigureAwait(false);
                if (outcome is IngestOutcome.Accepted accepted)
                {
                    _keys.Acknowledge(caller.Tenant, key, accepted.Id, hash);
                }

                return outcome;
        }
    }

    /// <summary>What is known already was answered before: only what is new, or may be, needs room among what waits.</summary>
    private async ValueTask<IngestOutcome> AdmitAndWriteAsync(IngestCaller caller, OutgoingRequest request, bool repeated, CancellationToken cancellation)
    {
        if (_admission.Judge(caller.Tenant) is { } busy)
        {
            return busy;
        }

        // Before the text is accepted. A shelf that is away keeps no text from being accepted: Postgres has the links before it is sent.
        if (request.Links is { Count: > 0 } links && await _links.KeepAsync(links, cancellation).ConfigureAwait(false) == ShelfAnswer.Taken)
        {
            return new IngestOutcome.Unavailable("Nothing was accepted: a short link's code is taken, which chance seldom brings; try again.", RetryAfter, Id: null);
        }

        var outcome = await _acceptance.WriteAsync(request, repeated, cancellation).ConfigureAwait(false);
        if (outcome is IngestOutcome.Accepted)
        {
            _admission.Note(caller.Tenant);
        }

        return outcome;
    }
}
