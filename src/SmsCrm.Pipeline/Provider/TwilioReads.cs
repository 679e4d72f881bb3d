using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;
using Twilio.Base;
using Twilio.Http;
using Twilio.Rest;
using Twilio.Rest.Api.V2010.Account;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Fetch and list. A read that is not answered in full gives null; it proves nothing.</summary>
internal sealed class TwilioReads(TwilioConnections connections, ProviderOptions options, ProviderMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int MaxMessageBytes = 64 * 1024;
    private const int MaxPageBytes = 16 * 1024 * 1024;
    private const int PageSize = 1_000;

    public Task<ProviderMessage?> FetchAsync(ProviderAccount account, ProviderSid sid, CancellationToken cancellation) => AnswerAsync<ProviderMessage>(
        "fetch",
        account,
        async () =>
        {
            using var timeout = Timeout();
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            var exchange = new TwilioExchange(connections, account, null, MaxMessageBytes, deadline.Token);
            return Read(await MessageResource.FetchAsync(sid.ToString(), account.AccountSid, exchange.Client()).ConfigureAwait(false));
        });

    /// <remarks>The SDK's own paging blocks a thread for each page, so the pages are asked for one by one.</remarks>
    /// <param name="sentSince">Leaves older ones to the provider to leave out; null asks for all.</param>
    public Task<IReadOnlyList<ProviderMessage>?> ListAsync(
        ProviderAccount account, string to, DateOnly? sentSince, DateTimeOffset since, CancellationToken cancellation) => AnswerAsync<IReadOnlyList<ProviderMessage>>(
        "list",
        account,
        async () =>
        {
            var found = new List<ProviderMessage>();
            var request = FirstPage(account, to, sentSince);
            for (var pages = 0; request is not null; pages++)
            {
                if (pages == options.MaxListPages)
                {
                    throw new InvalidDataException($"more than {options.MaxListPages} pages (SmsCrm:Provider:MaxListPages)");
                }

                var page = await PageAsync(account, request, cancellation).ConfigureAwait(false);
                found.AddRange(page.Records.Select(Read).Where(message => message.CreatedAt is null || message.CreatedAt >= since));
                request = page.HasNextPage() ? new Request(Twilio.Http.HttpMethod.Get, page.GetNextPageUrl(Domain.Api)) : null;
            }

            return found;
        });

    /// <summary>One page of everything that the account has, newest first.</summary>
    /// <param name="page">Null: the first.</param>
    public Task<PageOfAll?> PageOfAllAsync(ProviderAccount account, Request? page, CancellationToken cancellation) => AnswerAsync<PageOfAll>(
        "list",
        account,
        async () =>
        {
            var answer = await PageAsync(account, page ?? FirstPage(account, to: null, sentSince: null), cancellation).ConfigureAwait(false);
            return new PageOfAll(
                [.. answer.Records.Select(Read)],
                answer.HasNextPage() ? new Request(Twilio.Http.HttpMethod.Get, answer.GetNextPageUrl(Domain.Api)) : null);
        });

    private static Request FirstPage(ProviderAccount account, string? to, DateOnly? sentSince) => new(
        Twilio.Http.HttpMethod.Get,
        Domain.Api,
        $"/2010-04-01/Accounts/{account.AccountSid}/Messages.json",
        queryParams:
        [
            .. to is null ? [] : new KeyValuePair<string, string>[] { new("To", to) },
            new("PageSize", PageSize.ToString(System.Globalization.CultureInfo.InvariantCulture)),

            // The operator is part of the parameter's name.
            .. sentSince is { } day
                ? new KeyValuePair<string, string>[] { new("DateSent>", day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)) }
                : [],
        ]);

    private async Task<Page<MessageResource>> PageAsync(ProviderAccount account, Request request, CancellationToken cancellation)
    {
        using var timeout = Timeout();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var exchange = new TwilioExchange(connections, account, null, MaxPageBytes, deadline.Token);
        var answer = await exchange.Client().RequestAsync(request).ConfigureAwait(false);
        return Page<MessageResource>.FromJson("messages", answer.Content);
    }

    private async Task<T?> AnswerAsync<T>(string call, ProviderAccount account, Func<Task<T>> read) where T : class
    {
        try
        {
            var answer = await read().ConfigureAwait(false);
            metrics.Read(call, answered: true);
            return answer;
        }
        catch (Exception e)
        {
            // A read changes nothing: whatever went wrong, there is no answer.
            metrics.Read(call, answered: false);
            var detail = e is Twilio.Exceptions.ApiException { Status: > 0 } error ? $"HTTP {error.Status}, code {error.Code}" : Failures.Describe(e);
            Log.NotAnswered(logger, call, account.Id, detail);
            return null;
        }
    }

    private CancellationTokenSource Timeout() => new(TimeSpan.FromMilliseconds(options.ReadTimeoutMs), time);

    private static ProviderMessage Read(MessageResource resource) => new(
        ProviderSid.TryParse(resource.Sid, out var sid) ? sid : throw new InvalidDataException("a message without a sid"),
        resource.From?.ToString() ?? "",
        resource.To ?? "",
        resource.Body ?? "",
        resource.Status?.ToString() ?? "",
        resource.ErrorCode,
        resource.DateCreated is { } created ? Utc(created) : null,
        resource.Direction?.ToString() ?? "")
    {
        NumMedia = resource.NumMedia,
    };

    private static DateTimeOffset Utc(DateTime time) =>
        new(time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime());

    /// <param name="Next">Null at the end.</param>
    internal sealed record PageOfAll(IReadOnlyList<ProviderMessage> Messages, Request? Next);
}
