using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmsCrm.Crm.Audit;
using SmsCrm.Crm.Tenants;
using SmsCrm.Crm.Webhooks;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Storage;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Webhooks;

/// <summary>Webhooks on a database of their own: a ledger to make events in, and processes that feed and deliver, which may be stopped and started.</summary>
internal sealed class WebhookBench : IAsyncDisposable
{
    private readonly List<WebhookProcess> _processes = [];
    private readonly string _database;

    private WebhookBench(string database) => (_database, Ledger) = (database, new LedgerBench(database));

    public LedgerBench Ledger { get; }

    public TenantId Tenant => Ledger.Tenant;

    public TenantId OtherTenant { get; } = new(Guid.CreateVersion7());

    public async Task<TenantId> NewTenantAsync()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        await ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenant}', '{tenant}')");
        return tenant;
    }

    public static async Task<WebhookBench> CreateAsync(DatabaseFixture databases)
    {
        var bench = new WebhookBench(await databases.CreateAnotherAsync());
        await bench.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{bench.Tenant}', 'one'), ('{bench.OtherTenant}', 'other')");
        return bench;
    }

    /// <param name="settings">Of <c>SmsCrm:Webhooks</c>.</param>
    public Task<WebhookProcess> StartAsync(ResolveName? resolve = null, params (string Name, string Value)[] settings) =>
        StartAsync(resolve, TimeProvider.System, settings);

    public async Task<WebhookProcess> StartAsync(ResolveName? resolve, TimeProvider clock, params (string Name, string Value)[] settings)
    {
        var process = new WebhookProcess(_database, resolve, clock, settings);
        _processes.Add(process);
        await process.StartAsync();
        // The feed begins where it is first looked at: from here on every event counts.
        await Eventually.TrueAsync(async () => await Ledger.ScalarAsync<string>("SELECT position FROM webhook_feed") is not null);
        return process;
    }

    /// <summary>A message of the tenant that was delivered: its events are queued and delivered.</summary>
    public async Task<AcceptedMessage> DeliverMessageAsync(TenantId? tenant = null)
    {
        var message = Ledger.NewMessage() with { Tenant = tenant ?? Tenant };
        await Ledger.Ledger.EnqueueAsync([message], default);
        await Ledger.HearAsync(message, LedgerBench.NewSid(), "delivered");
        return message;
    }

    public Task ExecuteAsync(string sql) => Ledger.ScalarAsync<int>(sql);

    /// <summary>As if all the time had passed that anything waits for.</summary>
    public Task PassTimeAsync() => ExecuteAsync("""
        UPDATE webhook_deliveries SET due_at = now() WHERE state = 0;
        UPDATE webhook_endpoints SET paused_until = NULL, due_at = now() WHERE state <> 'off' AND held_until IS NULL;
        """);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Ledger.DisposeAsync();
    }
}

/// <summary>What the role crm runs of webhooks, as a process would.</summary>
internal sealed class WebhookProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _loops = [];
    private bool _stopped;

    public WebhookProcess(string database, ResolveName? resolve, TimeProvider clock, (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["SmsCrm:Storage:Postgres"] = database,
            ["SmsCrm:Provider:SecretKey"] = Convert.ToBase64String(new byte[32]),
            ["SmsCrm:Webhooks:AllowedNetworks:0"] = "127.0.0.1/32",
            ["SmsCrm:Webhooks:PollMs"] = "20",
        };
        foreach (var (name, value) in settings)
        {
            values[$"SmsCrm:Webhooks:{name}"] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(clock).AddLogging();
        if (resolve is not null)
        {
            services.AddSingleton(provider => new WebhookConnections(provider.GetRequiredService<AddressGuard>(), resolve));
        }

        services.AddStorage(configuration).AddLedger().AddTenants().AddWebhooks();
        _services = services.BuildServiceProvider();
    }

    public WebhookStore Endpoints => _services.GetRequiredService<WebhookStore>();

    public WebhookDeliveries Deliveries => _services.GetRequiredService<WebhookDeliveries>();

    public ChangeLog Changes => _services.GetRequiredService<ChangeLog>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task StartAsync()
    {
        foreach (var loop in _services.GetServices<IHostedService>().Where(loop => loop.GetType().Namespace == typeof(WebhookStore).Namespace))
        {
            _loops.Add(loop);
            await loop.StartAsync(default);
        }
    }

    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await Task.WhenAll(_loops.Select(loop => loop.StopAsync(default)));
        }
    }

    public async Task<WebhookWithSecret> CreateAsync(TenantId tenant, string url, params string[] events)
    {
        var settings = events.Length == 0 ? new WebhookSettings(url) : new WebhookSettings(url) { Events = events };
        var outcome = await Endpoints.CreateAsync(tenant, settings, "test", default);
        return Assert.IsType<SettingsOutcome<WebhookWithSecret>.Done>(outcome).Value;
    }

    public async Task<WebhookEndpoint> GetAsync(TenantId tenant, Guid endpoint) => (await Endpoints.GetAsync(tenant, endpoint, default))!;

    public async Task<WebhookDeliveryDetail> OnlyDeliveryAsync(TenantId tenant, Guid endpoint)
    {
        var delivery = Assert.Single(await Deliveries.ListAsync(tenant, endpoint, null, 10, default));
        return (await Deliveries.GetAsync(tenant, endpoint, delivery.Id, default))!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }
}
