using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>Posts callbacks: a fixed number of senders over pooled connections, each sending one at a time.</summary>
internal sealed class CallbackSender(
    TwilioSimulatorOptions options, CallbackQueue queue, DueQueue due, MessageLedger ledger, SimulatorCounters counters,
    TimeProvider time, ILogger<CallbackSender> log) : IDisposable
{
    private static readonly MediaTypeHeaderValue Form = new("application/x-www-form-urlencoded", "utf-8");
    private static readonly TimeSpan FirstRetryAfter = TimeSpan.FromMilliseconds(100);

    // A connection's time-out belongs to a handler: one for each that a target asks for, in steps of 100 ms.
    private readonly ConcurrentDictionary<int, HttpMessageInvoker> _byConnectMs = new();

    public Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(Enumerable.Range(0, options.CallbackConcurrency).Select(_ => Task.Run(() => SendAllAsync(stopping), stopping)));

    public void Dispose()
    {
        foreach (var invoker in _byConnectMs.Values)
            invoker.Dispose();
    }

    private async Task SendAllAsync(CancellationToken stopping)
    {
        var form = new SignedForm();
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            await foreach (var callback in queue.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                var failure = await SendAsync(callback, form, deadline, stopping).ConfigureAwait(false);
                if (!deadline.TryReset())
                {
                    deadline.Dispose();
                    deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                }
                Settle(callback, failure);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was not sent is owed still, and is sent after the next start.
        }
        finally
        {
            deadline.Dispose();
        }
    }

    // None when it was answered well.
    private async Task<RetryCauses> SendAsync(
        Callback callback, SignedForm form, CancellationTokenSource deadline, CancellationToken stopping)
    {
        var target = callback.Target;
        callback.Attempts++;
        if (callback.FirstTriedMs == 0)
            callback.FirstTriedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        using var request = Request(callback, form);
        deadline.CancelAfter(target.ConnectMs + target.AnswerMs);
        try
        {
            using var response = await Invoker(target).SendAsync(request, deadline.Token).ConfigureAwait(false);
            return (int)response.StatusCode switch
            {
                >= 500 => RetryCauses.ServerError,
                >= 400 => RetryCauses.ClientError,
                _ => RetryCauses.None,
            };
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The handler's own time-out is that of the connection.
            return deadline.IsCancellationRequested ? RetryCauses.Answer : RetryCauses.Connect;
        }
        catch (HttpRequestException)
        {
            return RetryCauses.Connect;
        }
    }

    private static HttpRequestMessage Request(Callback callback, SignedForm form)
    {
        form.Begin(callback.Target.Url);
        callback.Fill(form);
        var request = new HttpRequestMessage(HttpMethod.Post, callback.Target.Uri)
        {
            Content = new ReadOnlyMemoryContent(form.Body) { Headers = { ContentType = Form } },
        };
        request.Headers.TryAddWithoutValidation("X-Twilio-Signature", form.Sign(callback.Account.SigningKey));
        request.Headers.TryAddWithoutValidation("I-Twilio-Idempotency-Token", callback.IdempotencyToken);
        request.Headers.TryAddWithoutValidation("User-Agent", "TwilioProxy/1.1");
        if (callback.Target.Uri.UserInfo is { Length: > 0 } userInfo)
        {
            var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(userInfo)));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        }
        return request;
    }

    private void Settle(Callback callback, RetryCauses failure)
    {
        if (failure == RetryCauses.None)
        {
            counters.CallbackAnswered();
        }
        else if (callback.Attempts <= callback.Target.Retries && (callback.Target.RetryOn & failure) != 0 && HasTimeLeft(callback))
        {
            counters.CallbackRetried();
            var wait = FirstRetryAfter * Math.Pow(2, callback.Attempts - 1);
            due.Add(time.GetUtcNow().ToUnixTimeMilliseconds() + (long)wait.TotalMilliseconds, callback);
            return;
        }
        else
        {
            counters.CallbackFailed();
            Log.CallbackGivenUp(log, callback.Target.Uri.Authority, callback.Attempts, failure);
        }
        ledger.SettleCallback(callback.Index, callback.Status);
    }

    private bool HasTimeLeft(Callback callback) =>
        time.GetUtcNow().ToUnixTimeMilliseconds() - callback.FirstTriedMs < callback.Target.TotalMs;

    private HttpMessageInvoker Invoker(CallbackTarget target)
    {
        var connectMs = (target.ConnectMs + 99) / 100 * 100;
        return _byConnectMs.TryGetValue(connectMs, out var invoker) ? invoker : _byConnectMs.GetOrAdd(connectMs, NewInvoker);
    }

    private HttpMessageInvoker NewInvoker(int connectMs) => new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromMilliseconds(connectMs),
        MaxConnectionsPerServer = options.CallbackConcurrency,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
    });
}
