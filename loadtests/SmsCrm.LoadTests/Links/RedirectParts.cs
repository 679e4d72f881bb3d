using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.LoadTests.Environment;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.LoadTests.Links;

/// <summary>Offers requests for links of one kind at one rate, and follows the hits into the report.</summary>
internal sealed class RedirectParts(LoadEnvironment environment, LinksSettings settings, NpgsqlDataSource database, TimeProvider clock)
{
    private const int Remembered = 1_000;
    private const string RedirectsMetric = "smscrm_links_redirects_total";
    private const string LostMetric = "smscrm_links_hits_lost_total";
    private static readonly string[] Sources = ["memory", "redis", "postgres", "none"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LinkFill _fill = new(database, environment.Services.GetRequiredService<ILinkShelf>(), environment.Tenant.Id, clock);
    private int _parts;

    /// <param name="afterLoad">Done when the last request was answered.</param>
    public async Task<RedirectPart> RunAsync(
        RedirectKind kind, int rate, TimeSpan lasting, string name, CancellationToken cancellation, Func<Task>? afterLoad = null)
    {
        var schedule = new ArrivalSchedule(rate, lasting, settings.Seed + _parts);
        var campaign = string.Create(CultureInfo.InvariantCulture, $"links-{++_parts}");
        var codes = await CodesAsync(kind, campaign, schedule.Count, cancellation);
        using var load = new RedirectLoad(environment.HttpAddress, settings.Streams * 16);
        if (kind == RedirectKind.Memory)
        {
            await load.RememberAsync(codes, cancellation);
        }

        var before = await MetricsAsync(cancellation);
        var (loop, cpu, begin) = (new OpenLoop(schedule, clock), environment.Cpu(), clock.GetTimestamp());
        cpu.Start();
        var tally = await load.RunAsync(loop, schedule.Count, codes, cancellation);
        var seconds = clock.GetElapsedTime(begin).TotalSeconds;
        await (afterLoad?.Invoke() ?? Task.CompletedTask);
        var lost = (await MetricsAsync(cancellation)).Sum(LostMetric) - before.Sum(LostMetric);
        var clicks = await DrainAsync(campaign, tally.Found - (long)lost, cancellation);
        var after = await MetricsAsync(cancellation);
        return new RedirectPart(
            name, rate, schedule.Count, Math.Round(tally.Latency.Summarise().Count / seconds), tally.Found, tally.Nowhere, tally.Unreachable, tally.Errors,
            tally.FirstError, tally.Latency.Summarise(),
            Sources.ToDictionary(source => source, source => Difference(RedirectsMetric, $"source=\"{source}\"")),
            clicks, Difference(LostMetric), cpu.MicrosecondsPer(schedule.Count));

        long Difference(string metric, params string[] labels) => (long)(after.Sum(metric, labels) - before.Sum(metric, labels));
    }

    private async Task<IReadOnlyList<string>> CodesAsync(RedirectKind kind, string campaign, int arrivals, CancellationToken cancellation) => kind switch
    {
        RedirectKind.Memory => await _fill.MakeAsync(campaign, Remembered, onShelf: true, cancellation),
        RedirectKind.Redis => await _fill.MakeAsync(campaign, arrivals, onShelf: true, cancellation),
        RedirectKind.Postgres => await _fill.MakeAsync(campaign, arrivals, onShelf: false, cancellation),
        RedirectKind.Unknown => [.. Enumerable.Range(0, arrivals).Select(static _ => LinkCode.Draw())],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of link"),
    };

    /// <summary>Until the report has as many clicks as it must, or nothing has changed for 30 s.</summary>
    /// <returns>The clicks.</returns>
    private async Task<long> DrainAsync(string campaign, long expected, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = environment.HttpAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", environment.Tenant.ApiKey);
        var changedAt = clock.GetTimestamp();
        for (var before = -1L; ;)
        {
            using var answer = JsonDocument.Parse(await http.GetStringAsync($"/v1/reports/clicks?campaign_id={campaign}", cancellation));
            var clicks = answer.RootElement.GetProperty("total").GetProperty("clicks").GetInt64();
            if (clicks != before)
            {
                (before, changedAt) = (clicks, clock.GetTimestamp());
            }

            if (clicks >= expected || clock.GetElapsedTime(changedAt) > Patience)
            {
                return clicks;
            }

            // Answers are kept for seconds.
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellation);
        }
    }

    private async Task<MetricsPage> MetricsAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = environment.MetricsAddress };
        // A page is kept for 300 ms.
        await Task.Delay(TimeSpan.FromMilliseconds(400), clock, cancellation);
        return MetricsPage.Parse(await http.GetStringAsync("/metrics", cancellation));
    }
}
