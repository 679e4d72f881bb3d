using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Server.Endpoints.Twilio;

/// <summary>What the provider calls. Its signature is the authentication.</summary>
internal static class TwilioEndpoints
{
    public static IEndpointRouteBuilder MapTwilio(this IEndpointRouteBuilder endpoints)
    {
        // A bare delegate: it comes twice for every message.
        endpoints.MapPost(StatusCallbackUrl.Path, TakeStatusAsync).ExcludeFromDescription();
        endpoints.MapPost(InboundIntake.Path, TakeTextAsync).ExcludeFromDescription();
        return endpoints;
    }

    private static async Task TakeTextAsync(HttpContext context)
    {
        var request = context.Request;
        var signature = SignatureOf(request);
        if (await IsRefusedAsync(context, signature))
        {
            return;
        }

        var intake = context.RequestServices.GetRequiredService<InboundIntake>();

        // Not the request's own token: a caller that hangs up does not take a STOP back.
        var answer = await intake.TakeAsync(
            request.QueryString.Value ?? "", signature, IsJson(request.ContentType), request.BodyReader, CancellationToken.None);
        if (answer.Callback.Verdict != CallbackVerdict.Appended)
        {
            await RefuseAsync(context, StatusOf(answer.Callback.Verdict), answer.Callback.Detail);
            return;
        }

        context.Response.ContentType = InboundAnswer.TwimlContentType;
        await context.Response.WriteAsync(answer.ToTwiml(), CancellationToken.None);
    }

    private static async Task TakeStatusAsync(HttpContext context)
    {
        var request = context.Request;
        var signature = SignatureOf(request);
        if (await IsRefusedAsync(context, signature))
        {
            return;
        }

        var intake = context.RequestServices.GetRequiredService<StatusCallbackIntake>();
        var answer = await intake.TakeAsync(
            request.QueryString.Value ?? "", signature, IsJson(request.ContentType), request.BodyReader, context.RequestAborted);
        if (answer.Verdict == CallbackVerdict.Appended)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await RefuseAsync(context, StatusOf(answer.Verdict), answer.Detail);
    }

    private static string? SignatureOf(HttpRequest request) => request.Headers["X-Twilio-Signature"] is { Count: 1 } header ? header[0] : null;

    /// <summary>What its body is, is told to whoever signed something: without a signature it is forbidden, as the intake says.</summary>
    private static async Task<bool> IsRefusedAsync(HttpContext context, string? signature)
    {
        var type = context.Request.ContentType;
        if (string.IsNullOrEmpty(signature) || IsForm(type) || IsJson(type))
        {
            return false;
        }

        await RefuseAsync(
            context, StatusCodes.Status415UnsupportedMediaType, $"content-type is '{type}': it must be application/x-www-form-urlencoded or application/json.");
        return true;
    }

    private static int StatusOf(CallbackVerdict verdict) => verdict switch
    {
        CallbackVerdict.Appended => StatusCodes.Status204NoContent,
        CallbackVerdict.Malformed => StatusCodes.Status400BadRequest,
        CallbackVerdict.TooLarge => StatusCodes.Status413PayloadTooLarge,
        CallbackVerdict.Forged => StatusCodes.Status403Forbidden,
        CallbackVerdict.Unavailable => StatusCodes.Status503ServiceUnavailable,
    };

    private static bool IsForm(string? contentType) =>
        contentType is not null && contentType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static bool IsJson(string? contentType) =>
        contentType is not null && contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(statusCode: status, detail: detail).ExecuteAsync(context);
}
