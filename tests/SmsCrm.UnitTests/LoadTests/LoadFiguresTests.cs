using SmsCrm.LoadTests.Links;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.LoadTests.Webhooks;

namespace SmsCrm.UnitTests.LoadTests;

public sealed class LoadFiguresTests
{
    private static readonly LatencySummary NoLatency = new(0, 0, 0, 0, 0, 0);

    [Fact]
    public void A_bad_phase_is_compared_with_the_mean_of_the_good_ones_on_both_sides()
    {
        WebhooksPhase[] phases =
            [Phase("good-1", p50: 100, p99: 200), Phase("bad-1", p50: 220, p99: 300, bad: true), Phase("good-2", p50: 120, p99: 400),
             Phase("bad-2", p50: 120, p99: 800, bad: true), Phase("good-3", p50: 120, p99: 400)];

        Assert.Equal([new DelayRatio("bad-1", 2, 1, 1), new DelayRatio("bad-2", 1, 2, 2)], WebhooksResult.RatiosOf(phases));
    }

    [Fact]
    public void Ingest_with_a_link_is_compared_by_process_and_in_all_without_the_loads_own()
    {
        IngestPart[] parts =
            [Part(false, server: 100, redis: 0, load: 50), Part(true, server: 150, redis: 20, load: 50),
             Part(false, server: 200, redis: 0, load: 50), Part(true, server: 250, redis: 20, load: 150)];

        var ratios = LinksResult.RatioOf(parts);

        Assert.Equal(
            new Dictionary<string, double> { ["server"] = 1.33, ["load"] = 2, ["all_but_load"] = 1.47 }.OrderBy(ratio => ratio.Key),
            ratios.OrderBy(ratio => ratio.Key));
    }

    [Fact]
    public void Samples_of_a_metrics_page_are_added_up_by_their_labels()
    {
        var page = MetricsPage.Parse("""
            # TYPE smscrm_links_redirects_total counter
            smscrm_links_redirects_total{outcome="found",source="memory"} 12 1795646400000
            smscrm_links_redirects_total{outcome="nowhere",source="none"} 3
            smscrm_links_redirects_total{outcome="a b",source="memory"} 1.5
            smscrm_links_redirects_total_other 100
            smscrm_links_hits_lost_total 7 1795646400000
            """);

        Assert.Equal(16.5, page.Sum("smscrm_links_redirects_total"));
        Assert.Equal(13.5, page.Sum("smscrm_links_redirects_total", "source=\"memory\""));
        Assert.Equal(12, page.Sum("smscrm_links_redirects_total", "source=\"memory\"", "outcome=\"found\""));
        Assert.Equal(7, page.Sum("smscrm_links_hits_lost_total"));
        Assert.Equal(0, page.Sum("smscrm_links_hits_written_total"));
    }

    [Fact]
    public void Requests_for_links_come_from_an_address_each()
    {
        Assert.Equal(100_000, Enumerable.Range(0, 100_000).Select(RedirectLoad.AddressOf).Distinct().Count());
        Assert.Equal("11.1.2.3", RedirectLoad.AddressOf((3 << 16) + (2 << 8) + 1));
    }

    [Fact]
    public void Arrivals_are_as_many_as_the_rate_says_and_the_same_for_the_same_seed()
    {
        var schedule = new ArrivalSchedule(0.5, TimeSpan.FromHours(10), seed: 1);

        Assert.InRange(schedule.Count, 17_500, 18_500);
        Assert.Equal(schedule.Count, new ArrivalSchedule(0.5, TimeSpan.FromHours(10), seed: 1).Count);
        Assert.True(schedule.IntendedAt(schedule.Count - 1) < TimeSpan.FromHours(10));
    }

    private static WebhooksPhase Phase(string name, double p50, double p99, bool bad = false) =>
        new(name, bad, 0, 0, 0, 0, NoLatency with { P50Ms = p50, P99Ms = p99, MaxMs = p99 }, [], 0, 0, new Dictionary<string, double>());

    private static IngestPart Part(bool withLink, double server, double redis, double load) =>
        new("", withLink, 0, 0, 0, null, NoLatency, new Dictionary<string, double> { ["server"] = server, ["redis"] = redis, ["load"] = load });
}
