using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.Crm.Webhooks;

public static class WebhooksServices
{
    /// <summary>Endpoints and deliveries, and the loops that feed and deliver them, for the role <c>crm</c>. Needs storage and the ledger.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddOptions<WebhooksOptions>().BindConfiguration(WebhooksOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebhooksOptions>, WebhooksOptionsValidator>());
        services.AddProviderSecrets();
        services.AddMetrics();
        services.AddFeedHold();
        services.TryAddSingleton<WebhooksMetrics>();
        services.TryAddSingleton<AddressGuard>();
        services.TryAddSingleton(static s => new WebhookStore(
            s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<SecretSeal>(), s.GetRequiredService<AddressGuard>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<WebhookDeliveries>();
        services.TryAddSingleton<NameLookups>();
        services.TryAddSingleton<WebhookConnections>();
        services.TryAddSingleton<DueSignal>();
        services.TryAddSingleton<InboundFeed>();
        services.TryAddSingleton<ClickFeed>();
        services.TryAddSingleton<DeliveryEnqueue>();
        services.TryAddSingleton<WebhookFeeder>();
        services.TryAddSingleton<WebhookQueue>();
        services.TryAddSingleton<WebhookCall>();
        services.TryAddSingleton<EndpointVisit>();
        services.TryAddSingleton<VisitRecord>();
        services.AddHostedService<WebhookFeedLoop>();
        services.AddHostedService<WebhookDeliveryLoop>();
        services.AddHostedService<WebhookRetentionLoop>();
        return services;
    }
}
