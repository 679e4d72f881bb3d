using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Reporting.Summary;
using SmsCrm.Server.Endpoints.Reports;
using SmsCrm.TestKit;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace SmsCrm.IntegrationTests.Server;

/// <summary><c>GET /v1/campaigns/{id}/progress</c>.</summary>
public sealed class ProgressTests(CrmServer server) : IClassFixture<CrmServer>
{
    [Fact]
    public async Task It_tells_at_once_how_a_campaign_stands_and_then_each_change()
    {
        using var answer = await server.OpenAsync("/v1/campaigns/live/progress");
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using var events = SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();

        var none = await NextAsync(events);
        var message = server.Bench.NewMessage(campaign: "live");
        await server.Bench.Ledger.EnqueueAsync([message], default);
        var queued = await NextAsync(events);
        await server.Bench.Ledger.CancelSeenAsync([new CancelEntry(message, await server.Bench.RowAsync(message))], default);
        var cancelled = await NextAsync(events);

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal((0, 0), Balance(none));
        Assert.Equal((1, 0), Balance(queued));
        Assert.Equal((0, 1), Balance(cancelled));
        Assert.True(none.GetProperty("as_of").GetDateTimeOffset() < queued.GetProperty("as_of").GetDateTimeOffset());
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_of_a_campaign_of_that_name()
    {
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "same name")], default);

        using var answer = await server.OpenAsync("/v1/campaigns/same%20name/progress", server.OtherTenantKey);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using var events = SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();

        Assert.Equal(0, (await NextAsync(events)).GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task A_tenant_has_so_many_streams_at_once_and_one_that_it_leaves_makes_room()
    {
        // The default bound.
        const int Most = 20;
        var (open, left) = (new List<HttpResponseMessage>(), new List<HttpResponseMessage>());
        for (var i = 0; i < Most; i++)
        {
            // One that another test has just left may still be open.
            await Eventually.TrueAsync(async () =>
            {
                var answer = await server.OpenAsync($"/v1/campaigns/many-{i}/progress", server.OtherTenantKey);
                (answer.StatusCode == HttpStatusCode.OK ? open : left).Add(answer);
                return answer.StatusCode == HttpStatusCode.OK;
            });
        }

        using var refused = await server.OpenAsync("/v1/campaigns/many/progress", server.OtherTenantKey);
        using var others = await server.OpenAsync("/v1/campaigns/many/progress");
        Assert.Equal((HttpStatusCode.TooManyRequests, 15), (refused.StatusCode, refused.Headers.RetryAfter?.Delta?.TotalSeconds));
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);

        left.ForEach(answer => answer.Dispose());
        open.ForEach(answer => answer.Dispose());

        await Eventually.TrueAsync(async () =>
        {
            using var again = await server.OpenAsync("/v1/campaigns/many/progress", server.OtherTenantKey);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_parameter_that_it_does_not_know_is_refused()
    {
        var (status, problem) = await server.GetAsync("/v1/campaigns/live/progress?from=2026-01-01");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("from", Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task While_nothing_changes_there_is_a_heartbeat_15_s_after_what_was_told_last()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var cache = new ReportCache(server.Get<IOptions<ReportsOptions>>(), clock);
        var streams = new ProgressStreams(
            server.Get<SummaryQueries>(), cache, server.Get<IOptions<ReportsOptions>>(), server.Get<IOptions<JsonOptions>>(), server.Get<IHostApplicationLifetime>(), clock);
        var caller = new ApiCaller(Guid.CreateVersion7(), "test", new AuthenticatedTenant(server.Bench.Tenant, "US"), server.Get<RevokedKeys>());
        Assert.True(streams.TryTake(server.Bench.Tenant));
        await using var events = streams.FollowAsync(caller, "quiet", TestContext.Current.CancellationToken).GetAsyncEnumerator();

        var told = new List<string> { await AfterAsync(0) };
        var next = AfterAsync(13);
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage(campaign: "quiet")], default);
        clock.Advance(TimeSpan.FromSeconds(1));
        told.Add(await next);
        told.Add(await AfterAsync(15));
        told.Add(await AfterAsync(15));

        Assert.Equal(["progress", "progress", "heartbeat", "heartbeat"], told);

        async Task<string> AfterAsync(int seconds)
        {
            var waiting = events.MoveNextAsync().AsTask();
            clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.True(await waiting.WaitAsync(TimeSpan.FromMinutes(1)));
            return events.Current.EventType;
        }
    }

    private static (int Waiting, int Rejected) Balance(JsonElement summary) =>
        (summary.GetProperty("balance").GetProperty("waiting").GetInt32(), summary.GetProperty("balance").GetProperty("rejected").GetInt32());

    private static async Task<JsonElement> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        do
        {
            Assert.True(await events.MoveNextAsync());
        }
        while (events.Current.EventType == "heartbeat");

        Assert.Equal("progress", events.Current.EventType);
        return JsonDocument.Parse(events.Current.Data).RootElement;
    }
}
