using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Storage;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>The writer of hits and the replay of their counts on a database of the tests, with shorthands for links, hits and what is counted.</summary>
internal sealed class ClickBench : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public ClickBench(string connectionString, params (string Setting, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("SmsCrm:Storage:Postgres", connectionString), .. settings.Select(set => KeyValuePair.Create<string, string?>(set.Setting, set.Value))])
            .Build();
        _services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddStorage(configuration).AddLinks().AddClickReplay()
            .BuildServiceProvider();
    }

    /// <summary>A quarter-hour of today or yesterday that is over.</summary>
    public static DateTimeOffset Quarter { get; } = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddHours(-2), TimeSpan.Zero);

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public LinkHitWriter Writer => _services.GetRequiredService<LinkHitWriter>();

    /// <summary>It does not run by itself here.</summary>
    public LinkHitRetentionLoop Retention => _services.GetServices<IHostedService>().OfType<LinkHitRetentionLoop>().Single();

    /// <summary>Whose hits are judged again.</summary>
    public SoonHits SoonHits => _services.GetRequiredService<SoonHits>();

    public NpgsqlDataSource Postgres => _services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>A message's link; each call is another message.</summary>
    public ShortLink NewLink(string campaign = "spring") => new(
        LinkCode.Draw(), new MessageId(Guid.CreateVersion7(Quarter.AddHours(-1))), Tenant, campaign, "offer", "https://shop.example.com/", Quarter.AddDays(90));

    public static LinkHit Hit(ShortLink link, TimeSpan after, HitFlags flags = HitFlags.None) =>
        new(Guid.CreateVersion7(Quarter + after), link, Quarter + after, flags);

    public static LinkHit Hit(ShortLink link, int minutes = 0, HitFlags flags = HitFlags.None) => Hit(link, TimeSpan.FromMinutes(minutes), flags);

    public Task<int> WriteAsync(params LinkHit[] hits) => Writer.WriteAsync(hits);

    /// <summary>The message is handed to the provider, for the last time.</summary>
    public Task<int> ClaimAsync(ShortLink link, TimeSpan after) => ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO messages (id, tenant_id, recipient, state, version, purpose, segments, updated_at, accepted_on, claimed_at)
        VALUES ('{link.Message}', '{link.Tenant}', 14155550123, 5, 1, 1, 1, now(), now(), '{Quarter + after:O}')
        """));

    /// <summary>The provider's word that the message is delivered is heard.</summary>
    public Task<int> DeliverAsync(ShortLink link, TimeSpan after) => ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO message_events (message_id, version, kind, attempt, tenant_id, at)
        VALUES ('{link.Message}', 3, 8, 1, '{link.Tenant}', '{Quarter + after:O}')
        """));

    /// <summary>Hits from a moment on are judged again.</summary>
    /// <returns>How many are no person's any more.</returns>
    public Task<int> JudgeAsync(TimeSpan after = default) =>
        SoonHits.JudgeAsync(Quarter + after, TestContext.Current.CancellationToken);

    /// <summary>A message's flags, in the order of the hits.</summary>
    public Task<string> FlagsAsync(ShortLink link) =>
        TextAsync($"SELECT coalesce(string_agg(flags::text, ',' ORDER BY id), '') FROM link_hits WHERE message_id = '{link.Message}'");

    /// <summary>By quarter-hour and campaign: raw, human, unique.</summary>
    public Task<string> CountedAsync() => TextAsync(
        """
        SELECT coalesce(string_agg(to_char(quarter AT TIME ZONE 'UTC', 'HH24:MI') || ' ' || campaign_id || ' ' || raw || ' ' || human || ' ' || clickers, ', '
          ORDER BY quarter, campaign_id), '') FROM link_counts
        """);

    public Task<ClickReplayReport> ReplayAsync(int daysAgo = 2) => _services.GetRequiredService<ClickReplay>().RunAsync(
        DateOnly.FromDateTime(Quarter.UtcDateTime).AddDays(-daysAgo), TestContext.Current.CancellationToken);

    /// <returns>What <c>smscrm ledger verify</c> finds: <c>check subject: detail</c>.</returns>
    public async Task<IReadOnlyList<string>> VerifyAsync(TenantId? tenant = null, int daysAgo = 2)
    {
        var day = DateOnly.FromDateTime(Quarter.UtcDateTime);
        var verdict = await new LedgerVerification(_services.GetRequiredService<PostgresConnections>()).VerifyAsync(
            new LedgerScope(tenant?.Value, day.AddDays(-daysAgo), day.AddDays(2)), TestContext.Current.CancellationToken);
        return [.. verdict.Faults.Select(fault => $"{fault.Check} {fault.Subject}: {fault.Detail}")];
    }

    public async Task<int> ExecuteAsync(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<string> TextAsync(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
