using System.Collections.Frozen;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// What Twilio's error codes ask for (https://www.twilio.com/docs/api/errors). By code, since HTTP statuses vary between codes.
/// A synchronous 4xx with one of these codes proves that the text was not taken.
/// </summary>
internal static class TwilioErrors
{
    /// <summary>Too many requests at once: documented as not processed.</summary>
    public const int TooManyRequests = 20429;

    /// <summary>The sender's queue holds more than ten hours of work.</summary>
    public const int QueueFull = 21611;

    private static readonly FrozenDictionary<int, ErrorClass> ByCode = new Dictionary<int, ErrorClass>
    {
        // The account is out of order: wrong credentials, no such account, suspended.
        [20003] = ErrorClass.Halt,
        [20005] = ErrorClass.Halt,
        [20404] = ErrorClass.Halt,
        [30002] = ErrorClass.Halt,

        // The recipient opted out of this sender or service.
        [21610] = ErrorClass.Suppress,

        // Concurrency; the sender's queue holds more than 10 h; the schedule's cap; the pool's queue; congestion; sending rates.
        [TooManyRequests] = ErrorClass.Transient,
        [QueueFull] = ErrorClass.Transient,
        [35125] = ErrorClass.Transient,
        [30001] = ErrorClass.Transient,
        [30017] = ErrorClass.Transient,
        [30022] = ErrorClass.Transient,

        // The number: invalid, not mobile, unreachable by this route.
        [21211] = ErrorClass.Permanent,
        [21614] = ErrorClass.Permanent,
        [21612] = ErrorClass.Permanent,

        // How the tenant or we are set up: sender, country, trial, callback address, pool.
        [21212] = ErrorClass.Permanent,
        [21606] = ErrorClass.Permanent,
        [21408] = ErrorClass.Permanent,
        [21608] = ErrorClass.Permanent,
        [21609] = ErrorClass.Permanent,
        [21703] = ErrorClass.Permanent,
        [21704] = ErrorClass.Permanent,

        // The request: a field is missing, the text is too long, the schedule is unusable.
        [21602] = ErrorClass.Permanent,
        [21603] = ErrorClass.Permanent,
        [21604] = ErrorClass.Permanent,
        [21617] = ErrorClass.Permanent,
        [35111] = ErrorClass.Permanent,
        [35114] = ErrorClass.Permanent,
        [35118] = ErrorClass.Permanent,
    }.ToFrozenDictionary();

    /// <summary>Errors in the midst of the provider's own work: it may have taken the text, whatever the HTTP status says.</summary>
    private static readonly FrozenSet<int> Ambiguous = FrozenSet.ToFrozenSet([20500, 20503, 30410, 30500]);

    /// <summary>A code that is not listed is permanent: nothing says that the same request would fare better.</summary>
    public static ErrorClass Classify(int code) => ByCode.GetValueOrDefault(code, ErrorClass.Permanent);

    /// <summary>The outcome of a POST that was answered by an error, where the answer is the provider's own; null: it proves nothing.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="error">The provider's error body; null where the body is not one (a proxy's).</param>
    public static PostOutcome? Judge(int status, TwilioErrorBody? error, TimeSpan? retryAfter)
    {
        if (error is null || status is < 400 or > 499 || Ambiguous.Contains(error.Code))
        {
            return null;
        }

        var kind = Classify(error.Code);
        return status == 429 || kind == ErrorClass.Transient
            ? new PostOutcome.Throttled(error.Code, error.Message, retryAfter)
            : new PostOutcome.Rejected(error.Code, error.Message, kind);
    }
}
