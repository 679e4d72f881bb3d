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

/// <summary>A tenant to be made.</summary>
/// <param name="Rate">Segments a second of the tenant and the account, and of each sender unless <see cref="SenderRate"/> says otherwise.</param>
internal sealed record LoadTenantSettings(string Name, int Rate)
{
    public SimulatedAccount Account { get; init; } = SimulatedAccount.Demo;

    public int Senders { get; init; } = 20;

    public int? SenderRate { get; init; }
}

/// <summary>The tenant that a run sends for, with an account and senders of its own.</summary>
internal sealed record LoadTenant(TenantId Id, string ApiKey)
{
    private const int FirstShortCode = 66_001;
    private const string Actor = "load test";

    public static async Task<LoadTenant> CreateAsync(LocalSystem system, LoadTenantSettings settings, CancellationToken cancellation)
    {
        var rate = Math.Clamp(settings.Rate, 1, 100_000);
        await using var services = Services(system);
        var tenant = Made(await services.GetRequiredService<TenantStore>().CreateAsync(
            new TenantSettings(settings.Name) { SegmentsPerSecond = rate }, Actor, cancellation));
        var account = Made(await services.GetRequiredService<AccountStore>().CreateAsync(
            tenant.Id,
            new AccountSettings("Simulator", settings.Account.Sid)
            {
                AuthToken = settings.Account.AuthToken,
                BaseAddress = system.SimulatorAddress.ToString(),
                SegmentsPerSecond = rate,
                MaxConcurrency = 256,
            },
            Actor,
            cancellation));
        var senders = services.GetRequiredService<SenderStore>();
        for (var i = 0; i < settings.Senders; i++)
        {
            Made(await senders.CreateAsync(
                tenant.Id,
                new SenderSettings(account.Id, (FirstShortCode + i).ToString(CultureInfo.InvariantCulture), SenderKind.ShortCode)
                {
                    SegmentsPerSecond = settings.SenderRate ?? Math.Clamp(rate, 1, 10_000),
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
