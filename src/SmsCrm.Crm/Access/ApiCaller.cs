using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Access;

/// <summary>The tenant that a request was authenticated for.</summary>
/// <param name="DefaultCountry">ISO 3166-1 alpha-2.</param>
/// <param name="LinkDomain">The host of its short links; empty: the installation's.</param>
/// <param name="TimeZone">IANA: by its clock its messages are counted.</param>
public sealed record AuthenticatedTenant(TenantId Id, string DefaultCountry, string LinkDomain = "", string TimeZone = "UTC")
{
    /// <inheritdoc cref="Tenants.Tenant.Zone"/>
    public TimeZoneInfo Zone { get; } = TenantZone.Of(TimeZone);
}

/// <summary>Who holds a key. Shared by all requests with that key.</summary>
public sealed class ApiCaller
{
    private readonly RevokedKeys _revoked;

    internal ApiCaller(Guid keyId, string keyName, AuthenticatedTenant? tenant, RevokedKeys revoked)
    {
        KeyId = keyId;
        KeyName = keyName;
        Tenant = tenant;
        _revoked = revoked;
    }

    public Guid KeyId { get; }

    public string KeyName { get; }

    /// <summary>Null for an operator's key.</summary>
    public AuthenticatedTenant? Tenant { get; }

    public bool IsOperator => Tenant is null;

    /// <summary>True within two seconds of the revocation: calls that last look at it.</summary>
    public bool IsRevoked => _revoked.Contains(KeyId);
}

/// <summary>An identity that was proved by an API key.</summary>
internal sealed class ApiKeyIdentity(ApiCaller caller) : ClaimsIdentity(AccessPolicies.Scheme)
{
    public ApiCaller Caller { get; } = caller;
}

/// <summary>Names of the authentication scheme and the authorization policies.</summary>
public static class AccessPolicies
{
    public const string Scheme = "ApiKey";

    /// <summary>A tenant's key.</summary>
    public const string Tenant = "tenant";

    /// <summary>An operator's key.</summary>
    public const string Operator = "operator";

    /// <summary>A tenant's key or an operator's: the endpoint looks whose.</summary>
    public const string AnyKey = "any_key";
}

/// <summary>Reads the caller of an authenticated request.</summary>
public static class ApiCallerOfRequest
{
    /// <summary>The caller. Throws where the endpoint does not require one.</summary>
    public static ApiCaller ApiCaller(this HttpContext context) =>
        context.User.Identity is ApiKeyIdentity identity
            ? identity.Caller
            : throw new InvalidOperationException("This endpoint does not require an API key: add RequireAuthorization");

    /// <summary>The caller's tenant. Throws where the endpoint does not require a tenant's key.</summary>
    public static AuthenticatedTenant Tenant(this HttpContext context) =>
        context.ApiCaller().Tenant
        ?? throw new InvalidOperationException($"This endpoint does not require a tenant's key: add RequireAuthorization(\"{AccessPolicies.Tenant}\")");
}
