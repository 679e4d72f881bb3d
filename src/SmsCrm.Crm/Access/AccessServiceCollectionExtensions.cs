using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace SmsCrm.Crm.Access;

/// <summary>Wiring of the room. Needs an NpgsqlDataSource.</summary>
public static class AccessServiceCollectionExtensions
{
    /// <summary>API keys, the authentication scheme and the policies of <see cref="AccessPolicies"/>.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<AccessMetrics>();
        services.TryAddSingleton<RevokedKeys>();
        services.TryAddSingleton<ApiKeys>();
        services.TryAddSingleton<IApiKeyStore, ApiKeyStore>();
        services.TryAddSingleton<ApiKeyCache>();
        services.AddHostedService<ApiKeyChangesLoop>();
        services.AddAuthentication(AccessPolicies.Scheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthenticationHandler>(AccessPolicies.Scheme, configureOptions: null);
        services.AddAuthorizationBuilder()
            .AddPolicy(AccessPolicies.Tenant, static policy => policy.RequireAssertion(static c => IsCaller(c.User.Identity, isOperator: false)))
            .AddPolicy(AccessPolicies.Operator, static policy => policy.RequireAssertion(static c => IsCaller(c.User.Identity, isOperator: true)))
            .AddPolicy(AccessPolicies.AnyKey, static policy => policy.RequireAssertion(static c => c.User.Identity is ApiKeyIdentity));
        return services;
    }

    private static bool IsCaller(System.Security.Principal.IIdentity? identity, bool isOperator) =>
        identity is ApiKeyIdentity { Caller: var caller } && caller.IsOperator == isOperator;
}
