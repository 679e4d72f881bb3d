using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Audit;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Provider;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Crm.Tenants;

public sealed class TenantsTests : IClassFixture<DatabaseFixture>, IAsyncDisposable
{
    private const string Sid = "AC00000000000000000000000000000001";
    private readonly DatabaseFixture _database;
    private readonly string _folder = Directory.CreateTempSubdirectory("smscrm-seed").FullName;
    private readonly ServiceProvider _services;

    public TenantsTests(DatabaseFixture database)
    {
        _database = database;
        _services = Services();
    }

    private TenantStore Tenants => _services.GetRequiredService<TenantStore>();

    private AccountStore Accounts => _services.GetRequiredService<AccountStore>();

    private SenderStore Senders => _services.GetRequiredService<SenderStore>();

    private string KeyFile => Path.Combine(_folder, "keys", "demo-key");

    [Fact]
    public async Task A_change_is_in_the_next_snapshot_and_no_change_reads_nothing()
    {
        var directory = _services.GetRequiredService<ProviderDirectory>();
        var tenant = Done(await Tenants.CreateAsync(new TenantSettings("Snapshot") { DefaultCountry = "DE" }, "test", default));
        var account = Done(await Accounts.CreateAsync(tenant.Id, Simulator("Main"), "test", default));
        var sender = Done(await Senders.CreateAsync(tenant.Id, new SenderSettings(account.Id, "12345", SenderKind.ShortCode), "test", default));

        var first = await directory.RefreshAsync(default);
        var second = await directory.RefreshAsync(default);
        Done(await Senders.UpdateAsync(tenant.Id, sender.Id, sender.Version, new SenderChange("codes", 50), "test", default));
        var third = await directory.RefreshAsync(default);

        Assert.Same(first, second);
        Assert.Equal("DE", first.Tenant(tenant.Id)!.DefaultCountry);
        Assert.Equal("secret", first.Account(tenant.Id, Sid)!.Account.AuthToken);
        Assert.Equal([sender.Id], first.Pool(tenant.Id, "default").Select(found => found.Id));
        Assert.Equal(first.Version + 1, third.Version);
        Assert.Equal(50, third.Pool(tenant.Id, "codes").Single().SegmentsPerSecond);
        Assert.Empty(third.Pool(tenant.Id, "default"));
    }

    [Fact]
    public async Task A_snapshot_of_a_version_that_was_seen_is_there_at_once()
    {
        var directory = _services.GetRequiredService<ProviderDirectory>();
        var before = await directory.RefreshAsync(default);
        Done(await Tenants.CreateAsync(new TenantSettings("Ensured"), "test", default));

        Assert.Same(before, await directory.EnsureAsync(before.Version, default));
        Assert.Equal(before.Version + 1, (await directory.EnsureAsync(before.Version + 1, default)).Version);
    }

    [Fact]
    public async Task A_halted_account_leaves_its_senders_out_of_the_pools()
    {
        var (tenant, account) = await TenantWithAccountAsync("Halted");
        Done(await Senders.CreateAsync(tenant.Id, new SenderSettings(account.Id, "12345", SenderKind.ShortCode), "test", default));

        var halted = Done(await Accounts.SetHaltedAsync(tenant.Id, account.Id, "the provider says 20003", "test", default));
        var during = await _services.GetRequiredService<ProviderDirectory>().RefreshAsync(default);
        Done(await Accounts.SetHaltedAsync(tenant.Id, account.Id, null, "test", default));
        var after = await _services.GetRequiredService<ProviderDirectory>().RefreshAsync(default);

        Assert.True(halted.IsHalted);
        Assert.Equal("the provider says 20003", during.Account(account.Id)!.HaltedReason);
        Assert.Empty(during.Pool(tenant.Id, "default"));
        Assert.Single(after.Pool(tenant.Id, "default"));
    }

    [Fact]
    public async Task An_account_that_the_provider_refuses_is_halted_once_and_on_record_with_what_it_said()
    {
        var (tenant, account) = await TenantWithAccountAsync("Refused");
        var halts = _services.GetRequiredService<IAccountHalts>();

        var first = await halts.HaltAsync(account.Id, "the provider refuses it (error 20003: Authenticate)", default);
        var again = await halts.HaltAsync(account.Id, "the provider refuses it (error 20003: Authenticate)", default);

        var change = (await _services.GetRequiredService<ChangeLog>().ReadAsync(tenant.Id, 0, 10, default)).First(of => of.Action == "halt");
        Assert.Equal((true, false), (first, again));
        Assert.True((await Accounts.GetAsync(tenant.Id, account.Id, default))!.IsHalted);
        Assert.Equal(("provider", $"account {account.Id}"), (change.Actor, change.Subject));
        Assert.Contains("20003", change.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_sealed_and_another_key_does_not_open_it_while_the_other_accounts_go_on()
    {
        var (tenant, account) = await TenantWithAccountAsync("Sealed");
        await using var command = _database.DataSource.CreateCommand("SELECT auth_token_sealed FROM provider_accounts WHERE id = $1");
        command.Parameters.AddWithValue(account.Id);
        var stored = (byte[])(await command.ExecuteScalarAsync())!;
        await using var other = Services(("SmsCrm:Provider:SecretKey", Convert.ToBase64String(new byte[32])));

        var snapshot = await other.GetRequiredService<ProviderDirectory>().RefreshAsync(default);

        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        Assert.Null(snapshot.Account(account.Id));
        Assert.NotNull(snapshot.Tenant(tenant.Id));
    }

    [Fact]
    public async Task A_change_made_on_an_old_version_is_refused()
    {
        var tenant = Done(await Tenants.CreateAsync(new TenantSettings("Stale"), "test", default));
        var paused = Done(await Tenants.UpdateAsync(tenant.Id, tenant.Version, new TenantSettings("Stale") { State = TenantState.Paused }, "test", default));

        var late = await Tenants.UpdateAsync(tenant.Id, tenant.Version, new TenantSettings("Stale"), "test", default);

        Assert.Equal(new SettingsOutcome<Tenant>.Stale(paused.Version), late);
        Assert.Equal(TenantState.Paused, (await Tenants.GetAsync(tenant.Id, default))!.State);
    }

    [Fact]
    public async Task Bad_values_are_refused_with_every_error_and_change_nothing()
    {
        var before = await VersionAsync();
        var (tenant, _) = await TenantWithAccountAsync("Refusals");

        Assert.Equal(3, Refused(await Tenants.CreateAsync(new TenantSettings(" ") { DefaultCountry = "usa", SegmentsPerSecond = 0 }, "test", default)).Count);
        Assert.Equal(5, Refused(await Accounts.CreateAsync(
            tenant.Id,
            new AccountSettings("", "AC1") { AuthToken = "", BaseAddress = "http://api.twilio.com", MaxConcurrency = 0 }, "test",
            default)).Count);
        Assert.Single(Refused(await Accounts.CreateAsync(tenant.Id, Simulator("Real") with { BaseAddress = "https://api.twilio.com" }, "test", default)));
        Assert.Single(Refused(await Senders.CreateAsync(tenant.Id, new SenderSettings(Guid.CreateVersion7(), "12345", SenderKind.ShortCode), "test", default)));
        Assert.Single(Refused(await Senders.CreateAsync(tenant.Id, new SenderSettings(Guid.CreateVersion7(), "12345", SenderKind.LongCode), "test", default)));
        Assert.Single(Refused(await Tenants.CreateAsync(new TenantSettings("Refusals"), "test", default)));
        Assert.Equal(before + 2, await VersionAsync());
    }

    [Fact]
    public async Task A_sender_never_joins_another_tenants_account()
    {
        var (_, account) = await TenantWithAccountAsync("Owner");
        var (thief, _) = await TenantWithAccountAsync("Thief");

        Assert.Single(Refused(await Senders.CreateAsync(thief.Id, new SenderSettings(account.Id, "55555", SenderKind.ShortCode), "test", default)));
    }

    [Fact]
    public async Task The_seed_makes_the_demo_once_and_gives_the_same_key_again()
    {
        var first = await Seed(_services).RunAsync(default);
        var version = await VersionAsync();
        var second = await Seed(_services).RunAsync(default);

        Assert.Equal(first, second);
        Assert.Equal(10, first.Senders);
        Assert.Equal(version, await VersionAsync());
        Assert.Equal(first.Key, (await File.ReadAllTextAsync(KeyFile)).Trim());
        Assert.All(await Senders.ListAsync(first.Tenant, default), sender => Assert.Equal((SenderKind.ShortCode, 100), (sender.Kind, sender.SegmentsPerSecond)));
        Assert.True(await _services.GetRequiredService<ApiKeys>().IsGoodAsync(first.Tenant, first.Key, default));
    }

    [Fact]
    public async Task The_seed_follows_a_simulator_that_moved_and_replaces_a_key_that_is_gone()
    {
        var first = await Seed(_services).RunAsync(default);
        await _services.GetRequiredService<ApiKeys>().RevokeAsync(first.Key[..15], default);
        await using var moved = Services(("SmsCrm:Seed:SimulatorAddress", "http://127.0.0.1:8091"));

        var second = await Seed(moved).RunAsync(default);

        Assert.Equal(first.Account, second.Account);
        Assert.NotEqual(first.Key, second.Key);
        Assert.Equal("http://127.0.0.1:8091", (await Accounts.GetAsync(first.Tenant, first.Account, default))!.BaseAddress);
        Done(await Accounts.UpdateAsync(first.Tenant, first.Account, 0, Simulator("Simulator") with { AccountSid = "AC5105e7d15105e7d15105e7d15105e7d1" }, "test", default));
    }

    [Fact]
    public async Task The_seed_does_not_run_where_real_texts_would_be_sent()
    {
        await using var real = Services(("SmsCrm:Provider:SecretKey", Convert.ToBase64String(new byte[32])));
        var first = await Seed(_services).RunAsync(default);
        var account = Done(await real.GetRequiredService<AccountStore>()
            .CreateAsync(first.Tenant, Simulator("Twilio") with { BaseAddress = "https://api.twilio.com" }, "test", default));
        try
        {
            var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Seed(_services).RunAsync(default));
            Assert.Contains("https://api.twilio.com", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            await using var command = _database.DataSource.CreateCommand("DELETE FROM provider_accounts WHERE id = $1");
            command.Parameters.AddWithValue(account.Id);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private ServiceProvider Services(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Prepend(("SmsCrm:Seed:DemoKeyFile", KeyFile)).ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2))
            .Build();
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(_database.DataSource)
            .AddLogging()
            .AddProvider()
            .AddDemoSeed()
            .AddAccess()
            .BuildServiceProvider();
    }

    private async Task<(Tenant Tenant, Account Account)> TenantWithAccountAsync(string name)
    {
        var tenant = Done(await Tenants.CreateAsync(new TenantSettings(name), "test", default));
        return (tenant, Done(await Accounts.CreateAsync(tenant.Id, Simulator("Main"), "test", default)));
    }

    private async Task<long> VersionAsync()
    {
        await using var command = _database.DataSource.CreateCommand("SELECT version FROM settings_version");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static DemoSeed Seed(IServiceProvider services) => services.GetRequiredService<DemoSeed>();

    private static AccountSettings Simulator(string name) => new(name, Sid) { AuthToken = "secret", BaseAddress = "http://127.0.0.1:8090" };

    private static T Done<T>(SettingsOutcome<T> outcome) =>
        outcome is SettingsOutcome<T>.Done done
            ? done.Value
            : throw new InvalidOperationException(outcome is SettingsOutcome<T>.Refused refused ? string.Join(' ', refused.Errors) : outcome.ToString());

    private static IReadOnlyList<string> Refused<T>(SettingsOutcome<T> outcome) => Assert.IsType<SettingsOutcome<T>.Refused>(outcome).Errors;
}
