using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>Counts of clicks that disagree with the hits are named by verify and put right by replay, while hits are written.</summary>
public sealed class ClickReplayTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private ClickBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = new ClickBench(await database.CreateAnotherAsync());

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("UPDATE link_counts SET raw = raw + 1 WHERE campaign_id = 'spring'", "22:00: 3 clicks, 1 of people and 1 first ones counted, the hits say 2, 1 and 1")]
    [InlineData("UPDATE link_counts SET human = human - 1 WHERE campaign_id = 'spring'", "22:00: 2 clicks, 0 of people and 1 first ones counted, the hits say 2, 1 and 1")]
    [InlineData("UPDATE link_counts SET clickers = 7 WHERE campaign_id = 'spring'", "22:00: 2 clicks, 1 of people and 7 first ones counted, the hits say 2, 1 and 1")]
    [InlineData("DELETE FROM link_counts WHERE campaign_id = 'spring'", "22:00: 0 clicks, 0 of people and 0 first ones counted, the hits say 2, 1 and 1")]
    [InlineData(
        "INSERT INTO link_counts SELECT tenant_id, campaign_id, quarter + interval '15 minutes', 1, 0, 0 FROM link_counts WHERE campaign_id = 'spring'",
        "22:15: 1 clicks, 0 of people and 0 first ones counted, the hits say 0, 0 and 0")]
    public async Task Counts_that_were_corrupted_are_named_and_put_right(string corruption, string fault)
    {
        await MakeSomeAsync();
        var right = await _bench.CountedAsync();
        Assert.NotEqual(0, await _bench.ExecuteAsync(corruption));

        var found = await _bench.VerifyAsync();
        var report = await _bench.ReplayAsync();

        Assert.StartsWith($"clicks tenant {_bench.Tenant}, campaign \"spring\", quarter-hour of ", Assert.Single(found), StringComparison.Ordinal);
        Assert.EndsWith(fault, found[0], StringComparison.Ordinal);
        Assert.Equal((0L, 1L, null), (report.Clickers, report.Quarters, report.KeptSince));
        Assert.Equal(right, await _bench.CountedAsync());
        Assert.Empty(await _bench.VerifyAsync());
    }

    [Theory]
    [InlineData("DELETE FROM link_clickers WHERE message_id = @id", "written never, the hits say ")]
    [InlineData("UPDATE link_clickers SET at = at + interval '1 second' WHERE message_id = @id", "22:00:01.000000, the hits say ")]
    [InlineData("UPDATE link_clickers SET at = at - interval '1 second' WHERE message_id = @id", "21:59:59.000000, the hits say ")]
    [InlineData("DELETE FROM link_hits WHERE message_id = @id", "22:00:00.000000, the hits say never")]
    public async Task A_message_whose_first_click_is_written_wrongly_is_named_and_put_right(string corruption, string fault)
    {
        var link = await MakeSomeAsync();
        Assert.NotEqual(0, await _bench.ExecuteAsync(corruption.Replace("@id", $"'{link.Message}'", StringComparison.Ordinal)));

        var found = Assert.Single(await _bench.VerifyAsync(), entry => entry.StartsWith("clickers ", StringComparison.Ordinal));
        var report = await _bench.ReplayAsync();

        Assert.StartsWith($"clickers {link.Message}: ", found, StringComparison.Ordinal);
        Assert.Contains(fault, found, StringComparison.Ordinal);
        Assert.Equal(1L, report.Clickers);
        Assert.Empty(await _bench.VerifyAsync());
    }

    [Fact]
    public async Task Right_counts_are_left_as_they_are()
    {
        await MakeSomeAsync();

        Assert.Equal(default, await _bench.ReplayAsync());
    }

    [Fact]
    public async Task Another_tenants_clicks_and_other_days_are_not_looked_at()
    {
        await MakeSomeAsync();
        await _bench.ExecuteAsync($"INSERT INTO link_counts VALUES (gen_random_uuid(), '', '{ClickBench.Quarter:O}', 1, 1, 1), ('{_bench.Tenant}', '', '2020-01-01', 5, 5, 5)");

        Assert.Empty(await _bench.VerifyAsync(_bench.Tenant));
        Assert.Single(await _bench.VerifyAsync());
        await _bench.ReplayAsync();
        Assert.Equal("5", await _bench.TextAsync("SELECT raw::text FROM link_counts WHERE quarter = '2020-01-01'"));
    }

    [Fact]
    public async Task Quarter_hours_whose_hits_are_removed_keep_their_counts_and_that_is_said()
    {
        await MakeSomeAsync();
        await _bench.ExecuteAsync($"UPDATE link_hit_floor SET kept_since = '{ClickBench.Quarter.AddMinutes(15):O}'; DELETE FROM link_hits; UPDATE link_counts SET raw = 100");
        await _bench.WriteAsync(ClickBench.Hit(_bench.NewLink(), 15));

        var report = await _bench.ReplayAsync();

        Assert.Equal((0L, 0L, ClickBench.Quarter.AddMinutes(15)), (report.Clickers, report.Quarters, report.KeptSince));
        Assert.Equal("22:00  100 2 2, 22:00 spring 100 1 1, 22:15 spring 1 1 1", await _bench.CountedAsync());
        Assert.Empty(await _bench.VerifyAsync());
    }

    [Fact]
    public async Task While_hits_are_written_nothing_is_lost_or_told_twice()
    {
        var links = Enumerable.Range(0, 30).Select(i => _bench.NewLink($"c{i % 2}")).ToArray();
        await _bench.WriteAsync([.. links.Select(link => ClickBench.Hit(link, 60)), .. UniqueClickTests.Draw(new Random(1), links, 100)]);
        using var done = new CancellationTokenSource();
        var writing = Enumerable.Range(2, 3).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!done.IsCancellationRequested)
            {
                await _bench.WriteAsync(UniqueClickTests.Draw(random, links, 5));
            }
        })).ToArray();

        for (var i = 0; i < 6; i++)
        {
            // Under locks, so that the corruption itself is in nobody's way.
            await _bench.ExecuteAsync(
                """
                DO $$ BEGIN
                  LOCK TABLE link_clickers, link_counts IN ACCESS EXCLUSIVE MODE;
                  UPDATE link_counts SET raw = raw + 3, clickers = clickers - 1;
                  DELETE FROM link_clickers WHERE message_id IN (SELECT message_id FROM link_clickers ORDER BY 1 LIMIT 5);
                  UPDATE link_clickers SET at = at + interval '20 minutes' WHERE message_id IN (SELECT message_id FROM link_clickers ORDER BY 1 DESC LIMIT 5);
                END $$
                """);
            await _bench.ReplayAsync();
        }

        await done.CancelAsync();
        await Task.WhenAll(writing);
        Assert.Empty(await _bench.VerifyAsync());
        Assert.Equal("30", await _bench.TextAsync("SELECT sum(clickers)::text FROM link_counts"));
    }

    /// <summary>A person and a program of one message of a campaign, and two messages of none.</summary>
    private async Task<ShortLink> MakeSomeAsync()
    {
        var link = _bench.NewLink();
        await _bench.WriteAsync(
            ClickBench.Hit(link), ClickBench.Hit(link, 1, HitFlags.Agent), ClickBench.Hit(_bench.NewLink(""), 2), ClickBench.Hit(_bench.NewLink(""), 3));
        return link;
    }
}
