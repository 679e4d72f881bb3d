using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Server.Local;
using SmsCrm.Storage;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.LoadTests.Environment;

/// <summary>The tenant that a run sends for, with an account and senders of its own.</summary>
internal sealed record LoadTenant(TenantId Id, string ApiKey)
{
    private const int Senders = 20;
    private const int FirstShortCode = 66_001;
    private const string Actor = "load test";

    /// <param name="rate">Segments a second of the tenant and the account; each sender may send all of it.</param>
    public static async Task<LoadTenant> CreateAsync(LocalSystem system, int rate, CancellationToken cancellation)
    {
        await using var services = Services(system);
        var tenant = Made(await services.GetRequiredService<TenantStore>().CreateAsync(
            new TenantSettings("Load") { SegmentsPerSecond = Math.Clamp(rate, 1, 100_000) }, Actor, cancellation));
        var account = Made(await services.GetRequiredService<AccountStore>().CreateAsync(
            tenant.Id,
            new AccountSettings("Simulator", SimulatedAccount.DemoSid)
            {
                AuthToken = SimulatedAccount.DemoAuthToken,
                BaseAddress = system.SimulatorAddress.ToString(),
                SegmentsPerSecond = Math.Clamp(rate, 1, 100_000),
                MaxConcurrency = 256,
            },
            Actor,
            cancellation));
        var senders = services.GetRequiredService<SenderStore>();
        for (var i = 0; i < Senders; i++)
        {
            Made(await senders.CreateAsync(
                tenant.Id,
                new SenderSettings(account.Id, (FirstShortCode + i).ToString(CultureInfo.InvariantCulture), SenderKind.ShortCode)
                {
                    SegmentsPerSecond = Math.Clamp(rate, 1, 10_000),
                },
                Actor,
                cancellation));
        }

        var key = await services.GetRequiredService<ApiKeys>().CreateAsync(tenant.Id, "load", cancellation) as CreateKeyOutcome.Created
            ?? throw new InvalidOperationException("The load tenant's key could not be made");
        return new LoadTenant(tenant.Id, key.Key);
    }

    private static ServiceProvider Services(LocalSystem system)
    {
        var settings = system.Settings.Select(setting =>
            new KeyValuePair<string, string?>(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddStorage(configuration);
        services.AddAccess();
        services.AddProvider();
        services.AddTenants();
        return services.BuildServiceProvider();
    }

    private static T Made<T>(SettingsOutcome<T> outcome) => outcome is SettingsOutcome<T>.Done done
        ? done.Value
        : throw new InvalidOperationException($"The load's settings were refused: {outcome}");
}
