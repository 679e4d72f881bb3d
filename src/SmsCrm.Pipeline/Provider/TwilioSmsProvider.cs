using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;
using Twilio.Rest.Api.V2010.Account;
using TwilioNumber = Twilio.Types.PhoneNumber;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// Twilio by its official package, over our own connections. What a POST's end means is judged from what was on the wire
/// (answer, body, whether the body's serialiser was entered), not from the SDK's exceptions.
/// </summary>
internal sealed class TwilioSmsProvider(
    TwilioConnections connections, IOptions<ProviderOptions> options, ProviderMetrics metrics, TimeProvider time, ILogger<TwilioSmsProvider> logger) : ISmsProvider
{
    private const int MaxPostAnswerBytes = 64 * 1024;
    private readonly ProviderOptions _options = options.Value;
    private readonly TwilioReads _reads = new(connections, options.Value, metrics, time, logger);

    public async Task<PostOutcome> CreateAsync(ProviderAccount account, OutgoingText text, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var outcome = await PostAsync(account, text, cancellation).ConfigureAwait(false);
        metrics.Posted(outcome, time.GetElapsedTime(started));
        switch (outcome)
        {
            case PostOutcome.Unknown unknown:
                Log.OutcomeUnknown(logger, text.Message.Value, text.Attempt, account.Id, unknown.Detail);
                break;
            case PostOutcome.Rejected { Class: ErrorClass.Halt } halt:
                Log.AccountHalted(logger, account.Id, halt.Code, halt.Message);
                break;
        }

        return outcome;
    }

    public Task<ProviderMessage?> FetchAsync(ProviderAccount account, ProviderSid sid, CancellationToken cancellation) =>
        _reads.FetchAsync(account, sid, cancellation);

    public Task<IReadOnlyList<ProviderMessage>?> ListAsync(ProviderAccount account, PhoneNumber to, DateTimeOffset since, CancellationToken cancellation) =>
        _reads.ListAsync(account, to.ToString(), sentSince: null, since, cancellation);

    public async Task<IReadOnlyList<ProviderMessage>?> ListInboundAsync(
        ProviderAccount account, string to, DateTimeOffset since, CancellationToken cancellation)
    {
        // By day, and a day more: the list filters by when a text was sent.
        var found = await _reads.ListAsync(account, to, DateOnly.FromDateTime(since.UtcDateTime).AddDays(-1), since, cancellation).ConfigureAwait(false);
        return found?.Where(static message => message.Direction == "inbound").ToList();
    }

    public async Task<bool> ListOutboundAsync(
        ProviderAccount account,
        DateTimeOffset since,
        int maxPages,
        Func<IReadOnlyList<ProviderMessage>, CancellationToken, Task> take,
        CancellationToken cancellation)
    {
        Twilio.Http.Request? next = null;
        for (var pages = 0; pages < maxPages; pages++)
        {
            if (await _reads.PageOfAllAsync(account, next, cancellation).ConfigureAwait(false) is not { } page)
            {
                return false;
            }

            await take(
                [.. page.Messages.Where(message => message.Direction == "outbound-api" && (message.CreatedAt is null || message.CreatedAt >= since))],
                cancellation).ConfigureAwait(false);
            next = page.Next;
            if (next is null || page.Messages.All(message => message.CreatedAt < since))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<PostOutcome> PostAsync(ProviderAccount account, OutgoingText text, CancellationToken cancellation)
    {
        var guard = new PostGuard(text.PostBy, text.Clock);
        if (guard.IsPast)
        {
            return new PostOutcome.NotSent("past post_by");
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.PostTimeoutMs), time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var exchange = new TwilioExchange(connections, account, guard, MaxPostAnswerBytes, deadline.Token);
        try
        {
            var created = await MessageResource.CreateAsync(ToOptions(account, text), exchange.Client()).ConfigureAwait(false);
            return ProviderSid.TryParse(created.Sid, out var sid)
                ? new PostOutcome.Accepted(sid)
                : new PostOutcome.Unknown(string.Create(CultureInfo.InvariantCulture, $"HTTP {exchange.Status} without a message sid"));
        }
        catch (Exception e)
        {
            // Whatever it was, the text may be out: only what was on the wire says more.
            return Judge(exchange, guard, timeout.IsCancellationRequested, e);
        }
    }

    private PostOutcome Judge(TwilioExchange exchange, PostGuard guard, bool timedOut, Exception exception)
    {
        if (TwilioErrors.Judge(exchange.Status, TwilioErrorBody.TryRead(exchange.Body, exchange.Status), exchange.RetryAfter) is { } proven)
        {
            return proven;
        }

        var detail = exchange.Status != 0
            ? string.Create(CultureInfo.InvariantCulture, $"HTTP {exchange.Status} without an error body of the provider's")
            : timedOut ? string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.PostTimeoutMs} ms") : Failures.Describe(exception);
        return guard.Close() ? new PostOutcome.NotSent(detail) : new PostOutcome.Unknown(detail);
    }

    private CreateMessageOptions ToOptions(ProviderAccount account, OutgoingText text) => new(new TwilioNumber(text.To.ToString()))
    {
        PathAccountSid = account.AccountSid,
        From = new TwilioNumber(text.From),
        Body = text.Body,
        StatusCallback = new Uri(StatusCallbackUrl.For(_options.PublicBaseUrl, text.Tenant, text.Message, text.Attempt)),
    };
}
