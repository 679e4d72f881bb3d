using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Crm.Tenants;

public static class TenantsServices
{
    /// <summary>The stores of tenants, accounts, senders, gate settings, budgets and campaigns, with the log of their changes. Needs an NpgsqlDataSource.</summary>
    public static IServiceCollection AddTenants(this IServiceCollection services)
    {
        services.AddProviderSecrets();
        services.TryAddSingleton<TenantStore>();
        services.TryAddSingleton<AccountStore>();
        services.TryAddSingleton<IAccountHalts, AccountHalts>();
        services.TryAddSingleton<SenderStore>();
        services.TryAddSingleton<GateSettingsStore>();
        services.TryAddSingleton<BudgetStore>();
        services.TryAddSingleton<RateStore>();
        services.TryAddSingleton<CampaignStore>();
        services.TryAddSingleton<InboundAnswerStore>();
        services.TryAddSingleton<ChangeLog>();
        return services;
    }

    /// <summary><see cref="DemoSeed"/>, for the command. Needs <c>AddAccess</c> too.</summary>
    public static IServiceCollection AddDemoSeed(this IServiceCollection services)
    {
        services.AddTenants();
        services.AddOptions<SeedOptions>().BindConfiguration(SeedOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SeedOptions>, SeedOptionsValidator>());
        services.TryAddSingleton<DemoSeed>();
        return services;
    }
}
