using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Server.Endpoints.Reports;

namespace SmsCrm.UnitTests.Server.Endpoints.Reports;

public sealed class ReportCacheTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ReportCache _cache;
    private int _readings;

    public ReportCacheTests() => _cache = new ReportCache(Options.Create(new ReportsOptions { CacheSeconds = 5 }), _clock);

    [Theory]
    [InlineData("W/\"abc\"", true)]
    [InlineData("\"abc\"", true)]
    [InlineData("\"x\", W/\"abc\"", true)]
    [InlineData("*", true)]
    [InlineData("", false)]
    [InlineData("\"ABC\"", false)]
    [InlineData("W/\"abc\"x", false)]
    [InlineData("abc", false)]
    public void A_tag_is_compared_as_RFC_9110_says(string ifNoneMatch, bool isKnown) => Assert.Equal(isKnown, ReportCache.Has(ifNoneMatch, "W/\"abc\""));

    [Fact]
    public async Task An_answer_is_given_again_until_its_time_is_over_and_then_read_anew()
    {
        await GetAsync("a");
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        await GetAsync("a");
        Assert.Equal(1, _readings);

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await GetAsync("a");

        Assert.Equal(2, _readings);
    }

    [Fact]
    public async Task Its_age_counts_from_before_the_reading()
    {
        var report = await _cache.GetAsync(
            "slow",
            (made, _) =>
            {
                _clock.Advance(TimeSpan.FromSeconds(3));
                return Task.FromResult(Report("slow", made));
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromSeconds(2), _cache.Left(report));
    }

    [Fact]
    public async Task What_differs_in_anything_is_another_answer()
    {
        await GetAsync(("tenant one", "days"));
        await GetAsync(("tenant two", "days"));

        Assert.Equal(2, _readings);
    }

    [Fact]
    public async Task Many_who_ask_at_once_wait_for_one_reading_and_one_that_leaves_takes_nothing_along()
    {
        var let = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        var leaver = ReadSlowlyAsync(let.Task, leaving.Token);
        var others = Enumerable.Range(0, 5).Select(_ => ReadSlowlyAsync(let.Task, TestContext.Current.CancellationToken)).ToArray();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        let.SetResult();

        Assert.Single((await Task.WhenAll(others)).Distinct());
        Assert.Equal(1, _readings);
    }

    [Fact]
    public async Task What_failed_is_not_kept()
    {
        await Assert.ThrowsAsync<IOException>(() => _cache.GetAsync("broken", (_, _) => throw new IOException(), TestContext.Current.CancellationToken));

        await GetAsync("broken");

        Assert.Equal(1, _readings);
    }

    public void Dispose() => _cache.Dispose();

    private Task<CachedReport> GetAsync(object key) => _cache.GetAsync(key, (made, _) => Task.FromResult(Read(made)), TestContext.Current.CancellationToken);

    private Task<CachedReport> ReadSlowlyAsync(Task let, CancellationToken cancellation) => _cache.GetAsync(
        "slowly",
        async (made, _) =>
        {
            await let;
            return Read(made);
        },
        cancellation);

    private CachedReport Read(long made)
    {
        _readings++;
        return Report("text", made);
    }

    private static CachedReport Report(string text, long made) => CachedReport.Of(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(text), made);
}
