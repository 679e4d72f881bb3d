using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Crm.Webhooks;
using SmsCrm.LoadTests.Environment;

namespace SmsCrm.LoadTests.Webhooks;

/// <summary>The tenants with their endpoints, made by the product's own stores.</summary>
internal sealed class WebhookTenants
{
    private const int MadeAtOnce = 8;

    private readonly WebhooksPlan _plan;
    private readonly WebhookStore _store;
    private readonly LoadTenant[] _tenants;
    private readonly Guid[] _ids;

    private WebhookTenants(WebhooksPlan plan, WebhookStore store) =>
        (_plan, _store, _tenants, _ids) = (plan, store, new LoadTenant[plan.Tenants], new Guid[plan.Endpoints]);

    public string KeyOf(int tenant) => _tenants[tenant].ApiKey;

    public Guid IdOf(int endpoint) => _ids[endpoint];

    public int NumberOf(Guid tenant) => Array.FindIndex(_tenants, one => one.Id.Value == tenant);

    /// <param name="rate">Messages a second of all tenants.</param>
    public static async Task<WebhookTenants> CreateAsync(LoadEnvironment environment, WebhooksPlan plan, double rate, CancellationToken cancellation)
    {
        var made = new WebhookTenants(plan, environment.Services.GetRequiredService<WebhookStore>());
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = MadeAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, plan.Tenants, atOnce, async (tenant, token) =>
            made._tenants[tenant] = await environment.AddTenantAsync(
                new LoadTenantSettings(string.Create(CultureInfo.InvariantCulture, $"Tenant {tenant}"), 10 + (int)(2 * rate)) { Senders = 1 }, token));
        await Parallel.ForAsync(0, plan.Endpoints, atOnce, async (endpoint, token) =>
            made._ids[endpoint] = LoadTenant.Made(await made._store.CreateAsync(
                made._tenants[plan.TenantOf(endpoint)].Id, Settings(endpoint), LoadTenant.Actor, token)).Endpoint.Id);
        return made;
    }

    /// <summary>As a tenant does whose receiver works again: what was slowed begins afresh.</summary>
    public async Task EnableAgainAsync(CancellationToken cancellation)
    {
        foreach (var endpoint in _plan.Of(EndpointClass.Hanging).Concat(_plan.Of(EndpointClass.Failing)))
        {
            LoadTenant.Made(await _store.UpdateAsync(
                _tenants[_plan.TenantOf(endpoint)].Id, _ids[endpoint], version: 0, Settings(endpoint), LoadTenant.Actor, cancellation));
        }
    }

    /// <summary>One event a message, so that what must arrive can be counted.</summary>
    private static WebhookSettings Settings(int endpoint) => new(Receiver.UrlOf(endpoint)) { Events = ["message.delivered"] };
}
