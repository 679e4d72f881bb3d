using Microsoft.Extensions.Options;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>What the seed made or found.</summary>
/// <param name="Key">The demo's API key; a secret of no worth, since its tenant can only reach a simulator.</param>
/// <param name="KeyFile">Where the key is kept, as a full path.</param>
public sealed record DemoSeedReport(TenantId Tenant, Guid Account, int Senders, string Key, string KeyFile);

/// <summary>
/// The first tenant: one account at the simulator, ten short codes of 100 segments a second, an API key. Run again it
/// makes what is missing and changes nothing else.
/// </summary>
public sealed class DemoSeed(
    TenantStore tenants, AccountStore accounts, SenderStore senders, ApiKeys keys, IOptions<SeedOptions> options)
{
    public const string TenantName = "Demo";
    private const string AccountName = "Simulator";
    private const string Actor = "seed";
    private const int FirstShortCode = 78_701;
    private const int ShortCodes = 10;
    private readonly SeedOptions _options = options.Value;

    /// <exception cref="InvalidOperationException">The demo tenant has an account that leads elsewhere than to a simulator on loopback.</exception>
    public async Task<DemoSeedReport> RunAsync(CancellationToken cancellation)
    {
        var tenant = await tenants.FindAsync(TenantName, cancellation).ConfigureAwait(false)
            ?? Made(await tenants.CreateAsync(new TenantSettings(TenantName), Actor, cancellation).ConfigureAwait(false));
        var account = await AccountAsync(tenant.Id, cancellation).ConfigureAwait(false);
        var count = await SendersAsync(tenant.Id, account, cancellation).ConfigureAwait(false);
        var file = Path.GetFullPath(_options.DemoKeyFile);
        var key = await KeyAsync(tenant.Id, file, cancellation).ConfigureAwait(false);
        return new DemoSeedReport(tenant.Id, account, count, key, file);
    }

    private async Task<Guid> AccountAsync(TenantId tenant, CancellationToken cancellation)
    {
        var wanted = new AccountSettings(AccountName, _options.SimulatorAccountSid)
        {
            AuthToken = _options.SimulatorAuthToken,
            BaseAddress = _options.SimulatorAddress,
        };
        var existing = await accounts.ListAsync(tenant, cancellation).ConfigureAwait(false);
        if (existing.FirstOrDefault(account => !IsLoopback(account)) is { } elsewhere)
        {
            throw new InvalidOperationException(
                $"The tenant '{TenantName}' has the account '{elsewhere.Name}', which leads to {elsewhere.BaseAddress} and not to a simulator: "
                + "the demo would send real texts. Rename the tenant, or remove the account.");
        }

        var found = existing.FirstOrDefault(account => account.AccountSid == wanted.AccountSid);
        if (found is null)
        {
            return Made(await accounts.CreateAsync(tenant, wanted, Actor, cancellation).ConfigureAwait(false)).Id;
        }

        // The simulator may listen elsewhere than at the last run.
        return found.BaseAddress == wanted.BaseAddress
            ? found.Id
            : Made(await accounts.UpdateAsync(tenant, found.Id, 0, wanted, Actor, cancellation).ConfigureAwait(false)).Id;
    }

    private async Task<int> SendersAsync(TenantId tenant, Guid account, CancellationToken cancellation)
    {
        var there = (await senders.ListAsync(tenant, cancellation).ConfigureAwait(false)).Select(sender => sender.Address).ToHashSet();
        var wanted = Enumerable.Range(FirstShortCode, ShortCodes).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (var address in wanted.Where(address => !there.Contains(address)))
        {
            Made(await senders.CreateAsync(tenant, new SenderSettings(account, address, SenderKind.ShortCode), Actor, cancellation).ConfigureAwait(false));
            there.Add(address);
        }

        return there.Count;
    }

    private async Task<string> KeyAsync(TenantId tenant, string file, CancellationToken cancellation)
    {
        if (File.Exists(file))
        {
            var kept = (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim();
            if (await keys.IsGoodAsync(tenant, kept, cancellation).ConfigureAwait(false))
            {
                return kept;
            }
        }

        var made = await keys.CreateAsync(tenant, "demo", cancellation).ConfigureAwait(false) as CreateKeyOutcome.Created
            ?? throw new InvalidOperationException($"The demo's key could not be made for tenant {tenant}");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(file, options);
        await writer.WriteLineAsync(made.Key.AsMemory(), cancellation).ConfigureAwait(false);
        return made.Key;
    }

    private static bool IsLoopback(Account account) => Uri.TryCreate(account.BaseAddress, UriKind.Absolute, out var address) && address.IsLoopback;

    private static T Made<T>(SettingsOutcome<T> outcome) => outcome switch
    {
        SettingsOutcome<T>.Done done => done.Value,
        SettingsOutcome<T>.Refused refused => throw new InvalidOperationException($"The seed was refused: {string.Join(' ', refused.Errors)}"),
        _ => throw new InvalidOperationException($"The seed met {outcome}: something else changes the demo's settings, run it again."),
    };
}
