using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Access;

/// <summary>
/// <c>authorization: Bearer &lt;API key&gt;</c>, for REST and gRPC. Answers what is refused itself: a problem document (RFC 9457) or a gRPC status.
/// </summary>
internal sealed class ApiKeyAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyCache cache)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer ";

    private static readonly AuthenticateResult Unknown = AuthenticateResult.Fail("the API key is unknown or revoked");
    private static readonly AuthenticateResult Malformed = AuthenticateResult.Fail("the authorization is not a bearer key of ours");
    private static readonly AuthenticateResult Unavailable = AuthenticateResult.Fail("the API key could not be checked");

    private AuthenticateResult? _result;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync() => _result = await AuthenticateKeyAsync().ConfigureAwait(false);

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (ReferenceEquals(_result, Unavailable))
        {
            Response.Headers.RetryAfter = "1";
            return Refusal.WriteAsync(Context, Refusal.Unavailable, "The API key cannot be checked at the moment: try again in a second.");
        }

        Response.Headers.WWWAuthenticate = "Bearer realm=\"smscrm\"";
        return Refusal.WriteAsync(Context, Refusal.Unauthenticated, ReferenceEquals(_result, Unknown)
            ? "The API key is unknown or revoked: use another one, or make one with 'smscrm keys create'."
            : ReferenceEquals(_result, Malformed)
                ? "The authorization is not an API key: send 'authorization: Bearer smscrm_...' with the whole key."
                : "There is no API key: send 'authorization: Bearer smscrm_...'.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusal.WriteAsync(
        Context,
        Refusal.Forbidden,
        Context.User.Identity is ApiKeyIdentity { Caller.IsOperator: true }
            ? "This is an operator's key, which acts for no tenant: use a tenant's key."
            : "This is a tenant's key: an operator's key is needed.");

    private async ValueTask<AuthenticateResult> AuthenticateKeyAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        var text = header.Count == 1 ? header[0].AsSpan() : default;
        if (!text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || !ApiKeyText.HasTheForm(text[Bearer.Length..]))
        {
            return Malformed;
        }

        var lookup = await cache.FindAsync(ApiKeyText.Hash(text[Bearer.Length..])).ConfigureAwait(false);
        return lookup.State switch
        {
            KeyLookupState.Found => lookup.Key!.Ticket.Result,
            KeyLookupState.Unknown => Unknown,
            KeyLookupState.Unavailable => Unavailable,
        };
    }
}
