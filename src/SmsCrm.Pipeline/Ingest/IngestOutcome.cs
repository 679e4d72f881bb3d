using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>What is wrong with one field of a request.</summary>
/// <param name="Field">As the contract names it: <c>to</c>, <c>metadata[order].value</c>.</param>
/// <param name="Detail">What is wrong with which value, and the remedy.</param>
/// <param name="IsReserved">The field is known, or may be, to another version: this one refuses it whatever its value.</param>
public sealed record RequestViolation(string Field, string Detail, bool IsReserved = false);

/// <summary>The answer to one request: a closed set.</summary>
public abstract record IngestOutcome
{
    private IngestOutcome()
    {
    }

    /// <summary>Accepted: it will end in exactly one final state.</summary>
    /// <param name="Repeated">The idempotency key was known; the id is the first message's.</param>
    public sealed record Accepted(MessageId Id, int Segments, bool Repeated) : IngestOutcome;

    /// <summary>Nothing was written; every violation at once.</summary>
    public sealed record Invalid(IReadOnlyList<RequestViolation> Violations) : IngestOutcome;

    /// <summary>The idempotency key belongs to another request; nothing was written.</summary>
    public sealed record Conflict(MessageId First) : IngestOutcome;

    /// <summary>More requests are on their way than this node holds, or more messages wait than may; nothing was written.</summary>
    /// <param name="Reason">A sentence that says what to do.</param>
    public sealed record Busy(TimeSpan RetryAfter, string Reason) : IngestOutcome;

    /// <summary>Not accepted, or nobody knows.</summary>
    /// <param name="Reason">A sentence that says what to do.</param>
    /// <param name="Id">Where its fate is unknown: the id that the message has if it was taken, and that a retry with the same key will have.</param>
    public sealed record Unavailable(string Reason, TimeSpan RetryAfter, MessageId? Id) : IngestOutcome;
}
