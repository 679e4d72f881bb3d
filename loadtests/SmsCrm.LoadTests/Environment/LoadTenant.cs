using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Local;
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
    public const string Actor = "load test";
    private const int FirstShortCode = 66_001;

    /// <param name="services">The product's stores on the system's database.</param>
    public static async Task<LoadTenant> CreateAsync(
        LocalSystem system, IServiceProvider services, LoadTenantSettings settings, CancellationToken cancellation)
    {
        var rate = Math.Clamp(settings.Rate, 1, 100_000);
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

    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public static T Made<T>(SettingsOutcome<T> outcome) => outcome is SettingsOutcome<T>.Done done
        ? done.Value
        : throw new InvalidOperationException($"The load's settings were refused: {outcome}");
}
