using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Webhooks;

/// <summary>One attempt: a signed POST with a deadline, of whose answer the status and the first bytes are kept.</summary>
internal sealed class WebhookCall(WebhookConnections connections, IOptions<WebhooksOptions> options, TimeProvider clock)
{
    private const int HeadBytes = 1_024;
    private const string UserAgent = "SmsCrm-Webhooks/1.0";

    private readonly TimeSpan _deadline = TimeSpan.FromSeconds(options.Value.DeadlineSeconds);

    /// <summary>Never throws for what a receiver does.</summary>
    /// <param name="secrets">Opened, the newest first.</param>
    /// <exception cref="OperationCanceledException">This process stops: the attempt does not count.</exception>
    public async Task<AttemptOutcome> PostAsync(string url, IReadOnlyList<string> secrets, DueDelivery delivery, CancellationToken cancellation)
    {
        var at = clock.GetUtcNow();
        var begin = clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(_deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        int? status = null;
        try
        {
            using var request = Request(url, secrets, delivery, at);
            using var response = await connections.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            status = (int)response.StatusCode;
            var head = await HeadAsync(response, either.Token).ConfigureAwait(false);
            return new AttemptOutcome(at, status, clock.GetElapsedTime(begin), null, head, Wish(response.Headers.RetryAfter, clock.GetUtcNow()));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(FormattableString.Invariant($"no complete answer within {_deadline.TotalSeconds:0} s"));
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or UriFormatException)
        {
            return Failed(Sentence(failed));
        }

        // An answer that broke off is none: the receiver may not know that it gave it.
        AttemptOutcome Failed(string error) => new(at, null, clock.GetElapsedTime(begin), error);
    }

    private static HttpRequestMessage Request(string url, IReadOnlyList<string> secrets, DueDelivery delivery, DateTimeOffset at)
    {
        var id = WebhookPayload.IdOf(delivery.Id);
        var timestamp = at.ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(delivery.Body, Encoding.UTF8, "application/json") };
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(secrets, id, timestamp, delivery.Body));
        request.Headers.Add("User-Agent", UserAgent);
        return request;
    }

    private static async Task<string> HeadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var buffer = new byte[HeadBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var length = await body.ReadAtLeastAsync(buffer, HeadBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        // Postgres' text holds no NUL; what is not UTF-8 is shown as replaced.
        return Encoding.UTF8.GetString(buffer, 0, length).Replace('\0', '\uFFFD');
    }

    private static TimeSpan? Wish(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wish = header?.Delta ?? (header?.Date - now);
        return wish is not { } given || given <= TimeSpan.Zero ? null : given < RetrySchedule.LongestWish ? given : RetrySchedule.LongestWish;
    }

    private static string Sentence(Exception failed)
    {
        for (var cause = failed; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case RefusedAddressException:
                    return cause.Message;
                case SocketException socket:
                    return $"no connection ({socket.SocketErrorCode})";
                case AuthenticationException:
                    return "no TLS: the receiver's certificate or protocol is not accepted";
            }
        }

        return failed is HttpRequestException { HttpRequestError: var error } ? $"no answer ({error})" : "the connection broke off";
    }
}
