using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace SmsCrm.Crm.Access;

/// <summary>The result of authentication that all requests under one key share.</summary>
internal sealed class ApiKeyTicket(ApiCaller caller)
{
    public AuthenticateResult Result { get; } =
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ApiKeyIdentity(caller)), AccessPolicies.Scheme));
}
