using Microsoft.Extensions.Time.Testing;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Receipts.Inbound;
using SmsCrm.Pipeline.Suppression;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>STOP and START in orders in which they must not meet, and do.</summary>
public sealed class KeywordOrderTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private static readonly PhoneNumber Number = new(14155550199);
    private LedgerBench _bench = null!;
    private readonly FakeTimeProvider _clock = new();
    private InboundTexts _texts = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = new LedgerBench(await database.CreateAnotherAsync());
        _texts = new InboundTexts(_bench.Postgres, _clock);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_START_that_is_delivered_again_after_a_second_STOP_lifts_nothing()
    {
        await KeepAsync(Keyword.Stop);
        var start = Text(Keyword.Start, createdAt: Later);
        await _texts.KeepAsync(_bench.Tenant, start, default);
        Assert.False(await IsSuppressedAsync());
        await KeepAsync(Keyword.Stop);

        await _texts.KeepAsync(_bench.Tenant, start, default);

        Assert.True(await IsSuppressedAsync());
    }

    [Fact]
    public async Task A_START_from_before_a_STOP_that_comes_late_lifts_nothing()
    {
        var written = TimeProvider.System.GetUtcNow();
        await KeepAsync(Keyword.Stop);

        await _texts.KeepAsync(_bench.Tenant, Text(Keyword.Start, createdAt: written.AddSeconds(-1)), default);

        Assert.True(await IsSuppressedAsync());
    }

    [Fact]
    public async Task A_START_from_between_two_STOPs_lifts_nothing()
    {
        await KeepAsync(Keyword.Stop);
        var between = await NowAsync();
        await KeepAsync(Keyword.Stop);

        await _texts.KeepAsync(_bench.Tenant, Text(Keyword.Start, createdAt: between), default);

        Assert.True(await IsSuppressedAsync());
    }

    [Fact]
    public async Task A_START_whose_time_nobody_knows_lifts_nothing()
    {
        await KeepAsync(Keyword.Stop);

        await _texts.KeepAsync(_bench.Tenant, Text(Keyword.Start, createdAt: null), default);

        Assert.True(await IsSuppressedAsync());
    }

    [Fact]
    public async Task A_STOP_that_finds_its_suppression_there_is_acknowledged_no_sooner_and_moves_its_time()
    {
        await KeepAsync(Keyword.Stop);
        var first = await SuppressedAtAsync();
        var stop = Text(Keyword.Stop, createdAt: null);

        var acknowledgement = await _texts.KeepAsync(_bench.Tenant, stop, default);
        var again = await _texts.KeepAsync(_bench.Tenant, stop, default);

        Assert.True(await SuppressedAtAsync() > first);
        Assert.False(acknowledgement.MayBeToldAsync(TestContext.Current.CancellationToken).IsCompleted);
        Assert.False(again.MayBeToldAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(1);

    private Task<Acknowledgement> KeepAsync(Keyword keyword) => _texts.KeepAsync(_bench.Tenant, Text(keyword, createdAt: null), default);

    private InboundText Text(Keyword keyword, DateTimeOffset? createdAt) => new(
        new ProviderSid('S', Guid.CreateVersion7()), _bench.Account, Number, "+12025550101", keyword.ToString(), keyword, createdAt, FoundBy.Webhook);

    private async Task<DateTimeOffset> NowAsync() => (await _bench.ScalarAsync<DateTime>("SELECT clock_timestamp()"));

    private async Task<DateTime> SuppressedAtAsync() => await _bench.ScalarAsync<DateTime>("SELECT suppressed_at FROM recipients");

    private Task<bool> IsSuppressedAsync() =>
        _bench.ScalarAsync<bool>("SELECT suppressed_at IS NOT NULL AND (lifted_at IS NULL OR lifted_at < suppressed_at) FROM recipients");
}
