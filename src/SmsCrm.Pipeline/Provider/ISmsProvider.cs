using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Provider;

/// <summary>The one door to the provider. Every call has a deadline; none is repeated here; none throws for what the provider or the network did.</summary>
public interface ISmsProvider
{
    /// <summary>
    /// One POST for one text. It begins before <see cref="OutgoingText.PostBy"/> or not at all: checked where the body is serialised, once.
    /// </summary>
    Task<PostOutcome> CreateAsync(ProviderAccount account, OutgoingText text, CancellationToken cancellation);

    /// <summary>What the provider says of one sid; null where it knows none or did not answer.</summary>
    Task<ProviderMessage?> FetchAsync(ProviderAccount account, ProviderSid sid, CancellationToken cancellation);

    /// <summary>All pages of what the provider lists for a recipient, created from <paramref name="since"/> on; null where it did not answer in full.</summary>
    Task<IReadOnlyList<ProviderMessage>?> ListAsync(ProviderAccount account, PhoneNumber to, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>The texts that recipients sent to one of the account's numbers, created from <paramref name="since"/> on; null where it did not answer in full.</summary>
    /// <param name="to">E.164 or a short code.</param>
    Task<IReadOnlyList<ProviderMessage>?> ListInboundAsync(ProviderAccount account, string to, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>
    /// Every text that the account's API sent, newest first, page by page (1,000 each), back to <paramref name="since"/>, whether its sending has
    /// begun or not. False where the provider did not answer in full, or has more than <paramref name="maxPages"/> pages; what was taken then is a part.
    /// </summary>
    /// <param name="take">Its own failures come out as they are.</param>
    Task<bool> ListOutboundAsync(
        ProviderAccount account,
        DateTimeOffset since,
        int maxPages,
        Func<IReadOnlyList<ProviderMessage>, CancellationToken, Task> take,
        CancellationToken cancellation);
}

/// <summary>An account at the provider, with what is needed to call it. The token is a secret: it is never logged.</summary>
/// <param name="BaseAddress">Where its API is; for Twilio itself https://api.twilio.com, for development the simulator.</param>
/// <param name="SegmentsPerSecond">The account's own bound, 1 to 100,000.</param>
/// <param name="MaxConcurrency">Most POSTs at once, 1 to 1,000.</param>
public sealed record ProviderAccount(
    Guid Id,
    TenantId Tenant,
    string AccountSid,
    string AuthToken,
    Uri BaseAddress,
    int SegmentsPerSecond,
    int MaxConcurrency)
{
    /// <summary>The token before the last change: callbacks signed with it are good until <see cref="PreviousTokenUntil"/>. A secret. Null: none.</summary>
    public string? PreviousAuthToken { get; init; }

    public DateTimeOffset PreviousTokenUntil { get; init; }

    public override string ToString() => $"ProviderAccount {Id} ({AccountSid})";
}

/// <summary>One text as it goes out.</summary>
/// <param name="PostBy">A timestamp of <paramref name="Clock"/>: past it the POST must not begin.</param>
/// <param name="Clock">The stopwatch that the facts were read by; it counts suspended time.</param>
public sealed record OutgoingText(
    TenantId Tenant,
    MessageId Message,
    int Attempt,
    string From,
    PhoneNumber To,
    string Body,
    long PostBy,
    TimeProvider Clock);

/// <summary>What became of a POST: a closed set.</summary>
public abstract record PostOutcome
{
    private PostOutcome()
    {
    }

    /// <summary>The provider took it.</summary>
    public sealed record Accepted(ProviderSid Sid) : PostOutcome;

    /// <summary>The provider's own error body says that it did not take it (proof). <paramref name="Class"/> says what to do about it.</summary>
    public sealed record Rejected(int Code, string Message, ErrorClass Class) : PostOutcome;

    /// <summary>429, or an error of the transient class: not taken (proof), may be tried again.</summary>
    public sealed record Throttled(int Code, string Message, TimeSpan? RetryAfter) : PostOutcome;

    /// <summary>The serialiser was never entered: the POST did not begin (proof).</summary>
    public sealed record NotSent(string Detail) : PostOutcome;

    /// <summary>Nobody knows: a timeout, a 5xx, a connection lost after the first byte.</summary>
    public sealed record Unknown(string Detail) : PostOutcome;
}

/// <summary>What the provider's error code asks for. Classified by code, not by HTTP status: statuses vary between codes.</summary>
public enum ErrorClass
{
    /// <summary>Will never work for this message: it fails.</summary>
    Permanent,

    /// <summary>May work later: backoff, bounded tries.</summary>
    Transient,

    /// <summary>The account is out of order (authentication, suspended): stop it, alert, lose nothing.</summary>
    Halt,

    /// <summary>The recipient opted out at the provider (21610): the message fails and the number is suppressed.</summary>
    Suppress,
}

/// <summary>A message as the provider shows it on fetch and list.</summary>
public sealed record ProviderMessage(
    ProviderSid Sid,
    string From,
    string To,
    string Body,
    string Status,
    int? ErrorCode,
    DateTimeOffset? CreatedAt,
    string Direction)
{
    /// <summary>How many files came with it, as the provider writes it; null where it does not say.</summary>
    public string? NumMedia { get; init; }
}
