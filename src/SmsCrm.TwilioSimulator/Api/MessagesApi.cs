using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>
/// The API's front: who asks, how many requests of the account are in flight, and which handler answers. Paths are taken apart by
/// hand; a create costs no routing.
/// </summary>
internal sealed class MessagesApi(
    AccountBook accounts, KnobBoard knobs, Draws draws, CreateHandler create, ListHandler list, MessageHandler message,
    SimulatorCounters counters, TimeProvider time, ILogger<MessagesApi> log)
{
    public const string Prefix = "/2010-04-01/Accounts/";
    private const int SidEnd = 21 + ResourceSid.Length;

    private long _requests;

    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var number = (ulong)Interlocked.Increment(ref _requests);
        context.Response.Headers["Twilio-Request-Id"] = RequestId(number);
        var account = accounts.Authenticate(context.Request.Headers.Authorization);
        if (account is null || path.Length < SidEnd || !path.AsSpan(Prefix.Length, ResourceSid.Length).SequenceEqual(account.Sid))
        {
            Refuse(context, ApiError.Unauthenticated);
            return;
        }
        var inFlight = account.Enter();
        try
        {
            context.Response.Headers["Twilio-Concurrent-Requests"] = Text(inFlight);
            var limits = knobs.For(account).Limits;
            if (limits.ConcurrentRequests > 0 && inFlight > limits.ConcurrentRequests)
                Throttle(context, limits);
            else
                await RouteAsync(context, account, path, number).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The client went away before it had sent everything.
        }
        catch (IOException e)
        {
            Log.RequestFailed(log, e);
            Refuse(context, new ApiError(500, 20500, "Internal Server Error"));
        }
        finally
        {
            account.Leave();
        }
    }

    private async Task RouteAsync(HttpContext context, Account account, string path, ulong number)
    {
        var isCreate = HttpMethods.IsPost(context.Request.Method) && path.AsSpan(SidEnd).SequenceEqual("/Messages.json");
        if (isCreate)
        {
            await create.AnswerAsync(context, account, number).ConfigureAwait(false);
            return;
        }
        var latencyMs = draws.LatencyMs(knobs.For(account).Latency, number);
        if (latencyMs >= 1)
            await Task.Delay(TimeSpan.FromMilliseconds(latencyMs), time, CancellationToken.None).ConfigureAwait(false);
        var resource = path.AsSpan(SidEnd);
        var method = context.Request.Method;
        if (resource.SequenceEqual("/Messages.json"))
        {
            if (HttpMethods.IsGet(method))
                AnswerUnlessTest(context, account, list.Answer);
            else
                Refuse(context, ApiError.MethodNotAllowed);
        }
        else if (resource.Length == "/Messages/.json".Length + ResourceSid.Length
            && resource.StartsWith("/Messages/") && resource.EndsWith(".json"))
        {
            if (account.Configured.TestCredentials)
                Refuse(context, ApiError.TestCredentials);
            else
                await message.AnswerAsync(context, account, resource.Slice("/Messages/".Length, ResourceSid.Length).ToString()).ConfigureAwait(false);
        }
        else if (resource.SequenceEqual(".json") && HttpMethods.IsGet(method))
        {
            AccountJson(context, account);
        }
        else
        {
            Refuse(context, ApiError.NotFound(path));
        }
    }

    private void AnswerUnlessTest(HttpContext context, Account account, Action<HttpContext, Account> answer)
    {
        if (account.Configured.TestCredentials)
            Refuse(context, ApiError.TestCredentials);
        else
            answer(context, account);
    }

    private void Throttle(HttpContext context, LimitKnob limits)
    {
        if (limits.RetryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = Text((int)Math.Ceiling(limits.RetryAfterSeconds));
        Refuse(context, ApiError.TooManyRequests);
    }

    private void Refuse(HttpContext context, ApiError error)
    {
        counters.Refused(error.Code);
        ApiAnswer.Error(context, error);
    }

    private static void AccountJson(HttpContext context, Account account)
    {
        var writer = ApiAnswer.Begin();
        writer.WriteStartObject();
        writer.WriteString("sid", account.Sid);
        writer.WriteString("friendly_name", "Simulated account");
        writer.WriteString("status", "active");
        writer.WriteString("type", "Full");
        writer.WriteString("uri", $"{Prefix}{account.Sid}.json");
        writer.WriteEndObject();
        ApiAnswer.End(context, 200, writer);
    }

    private static string RequestId(ulong number) => string.Create(34, number, static (span, number) =>
    {
        "RQ".CopyTo(span);
        Draws.Mix(number).TryFormat(span[2..], out _, "x16");
        Draws.Mix(~number).TryFormat(span[18..], out _, "x16");
    });

    private static string Text(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
