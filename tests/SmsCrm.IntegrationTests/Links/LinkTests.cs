using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>From a request with a link to a click that is counted, on real Postgres and Redis.</summary>
public sealed class LinkTests(LinkServer server) : IClassFixture<LinkServer>
{
    [Fact]
    public async Task A_link_leads_on_before_any_row_is_written()
    {
        var (_, code, _) = await server.SendAsync();

        var answer = await server.FollowAsync(code);

        Assert.Equal((HttpStatusCode.Found, LinkServer.Url), (answer.Status, answer.Location));
        Assert.Contains("Cache-Control: no-store, private", answer.Headers, StringComparison.Ordinal);
        Assert.Contains("Referrer-Policy: no-referrer", answer.Headers, StringComparison.Ordinal);
        Assert.Contains("X-Robots-Tag: noindex", answer.Headers, StringComparison.Ordinal);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task On_a_tenants_domain_another_tenants_codes_lead_nowhere()
    {
        var (_, code, _) = await server.SendAsync();
        await using var brands = server.Database.CreateCommand(
            """
            INSERT INTO tenants (id, name, link_domain) VALUES (gen_random_uuid(), 'Brand', 'go.brand.example.com');
            UPDATE tenants SET link_domain = 'go.tests.example.com' WHERE name = 'Tests';
            UPDATE settings_version SET version = version + 1
            """);
        await brands.ExecuteNonQueryAsync();
        await server.Services.GetRequiredService<ProviderDirectory>().RefreshAsync(default);

        var own = await server.FollowAsync(code, host: "go.tests.example.com");
        var installations = await server.FollowAsync(code, host: "go.example.com:443");
        var anothers = await server.FollowAsync(code, host: "GO.brand.example.com");
        var never = await server.FollowAsync(LinkCode.Draw());

        Assert.Equal((HttpStatusCode.Found, HttpStatusCode.Found), (own.Status, installations.Status));
        Assert.Equal(never, anothers);
        await using var back = server.Database.CreateCommand("UPDATE tenants SET link_domain = ''; UPDATE settings_version SET version = version + 1");
        await back.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_flushed_Redis_turns_no_link_away()
    {
        var (_, code, record) = await server.SendAsync();
        await server.RecordAsync(record);
        await server.ForgetAllAsync();

        var outcome = await server.NewRedirect().FollowAsync(new LinkQuestion(code, "", null, HitFlags.Head), default);
        var again = await server.FollowAsync(code);

        Assert.Equal(new LinkOutcome.To(LinkServer.Url), outcome);
        Assert.Equal(HttpStatusCode.Found, again.Status);
    }

    [Fact]
    public async Task What_leads_nowhere_answers_alike_whether_it_never_was_is_over_or_is_none()
    {
        var expired = await AddExpiredAsync();
        var answers = new List<LinkServer.Answer>();
        foreach (var code in (string[])[LinkCode.Draw(), expired, "short", "a/b", "%20", "----------", new string('x', 2_000), ""])
        {
            answers.Add(await server.FollowAsync(code));
        }

        Assert.Equal(HttpStatusCode.NotFound, answers[0].Status);
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }

    [Fact]
    public async Task While_Postgres_does_not_answer_what_only_it_knows_is_to_be_tried_again()
    {
        await using var connection = await server.Database.OpenConnectionAsync();
        await using var holding = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE links IN ACCESS EXCLUSIVE MODE", connection))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var answer = await server.FollowAsync(LinkCode.Draw());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains("Retry-After: ", answer.Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_guesses_gets_the_same_answer_for_a_link_that_is_there_and_nobody_else_does()
    {
        var (_, code, _) = await server.SendAsync();
        var guesser = server.NewAddress();

        // All at once: guesses come back with time.
        await Eventually.EqualAsync(HttpStatusCode.NotFound, async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, 31).Select(_ => server.FollowAsync(LinkCode.Draw(), guesser)));
            return (await server.FollowAsync(code, guesser)).Status;
        });
        var others = new[] { await server.FollowAsync(code, server.NewAddress()), await server.FollowAsync(code, server.NewAddress()) };

        // Of two, since one in 65,536 shares the guesser's bucket.
        Assert.Contains(HttpStatusCode.Found, others.Select(answer => answer.Status));
    }

    [Fact]
    public async Task Who_follows_links_that_are_over_is_not_taken_for_guessing()
    {
        var (_, code, _) = await server.SendAsync();
        var (expired, address) = (await AddExpiredAsync(), server.NewAddress());
        for (var i = 0; i < 31; i++)
        {
            await server.FollowAsync(expired, address);
        }

        Assert.Equal(HttpStatusCode.Found, (await server.FollowAsync(code, address)).Status);
    }

    [Fact]
    public async Task Clicks_of_people_and_of_programs_are_counted_apart_and_HEAD_is_none()
    {
        var campaign = "spring";
        var (id, code, record) = await server.SendAsync(campaign);
        await server.RecordAsync(record);

        await server.FollowAsync(code);
        await server.FollowAsync(code, agent: "facebookexternalhit/1.1 Facebot Twitterbot/1.0");
        await server.FollowAsync(code, purpose: "prefetch");
        var head = await server.FollowAsync(code, method: HttpMethod.Head);

        Assert.Equal((HttpStatusCode.Found, LinkServer.Url), (head.Status, head.Location));
        await Eventually.EqualAsync("0,1,2,4", () => FlagsAsync(id));
        Assert.Equal("3 1", await server.ReadAsync<string>(
            "SELECT sum(raw) || ' ' || sum(human) FROM link_counts WHERE campaign_id = 'spring' AND tenant_id = (SELECT tenant_id FROM messages WHERE id = $1)", id));
    }

    [Fact]
    public async Task A_click_within_seconds_of_the_text_is_no_persons()
    {
        var (id, code, record) = await server.SendAsync();
        await server.RecordAsync(record);
        await using (var claim = server.Database.CreateCommand("UPDATE messages SET claimed_at = now() WHERE id = $1"))
        {
            claim.Parameters.Add(new() { Value = Guid.Parse(id) });
            await claim.ExecuteNonQueryAsync();
        }

        await server.FollowAsync(code);

        await Eventually.EqualAsync("8", () => FlagsAsync(id));
    }

    [Fact]
    public async Task A_click_before_the_provider_says_that_the_text_is_delivered_is_no_persons_from_then_on()
    {
        var (id, code, record) = await server.SendAsync("early");
        await server.RecordAsync(record);
        await using var ledger = new LedgerBench(server.Database.ConnectionString);
        var message = AcceptedMessage.From(record, []);
        await ledger.ClaimAsync(message, await ledger.RowAsync(message));
        await using (var claim = server.Database.CreateCommand("UPDATE messages SET claimed_at = now() - interval '1 hour' WHERE id = $1"))
        {
            claim.Parameters.Add(new() { Value = Guid.Parse(id) });
            await claim.ExecuteNonQueryAsync();
        }

        await server.FollowAsync(code);
        await Eventually.EqualAsync("0", () => FlagsAsync(id));
        await ledger.HearAsync(message, LedgerBench.NewSid(), "delivered");

        await Eventually.EqualAsync("8", () => FlagsAsync(id));
        Assert.Equal("1 0 0", await server.ReadAsync<string>(
            "SELECT raw || ' ' || human || ' ' || clickers FROM link_counts WHERE campaign_id = 'early' AND tenant_id = (SELECT tenant_id FROM messages WHERE id = $1)", id));
    }

    [Fact]
    public async Task A_click_from_a_data_centre_or_another_country_is_no_persons()
    {
        var (id, code, record) = await server.SendAsync("from afar");
        await server.RecordAsync(record);

        await server.FollowAsync(code);
        await server.FollowAsync(code, LinkServer.DataCentreAddress);
        await server.FollowAsync(code, LinkServer.GermanAddress);
        await server.FollowAsync(code, LinkServer.GermanAddress, agent: "curl/8.5.0");

        await Eventually.EqualAsync("0,32,64,66", () => FlagsAsync(id));
        Assert.Equal("4 1 1", await server.ReadAsync<string>(
            "SELECT sum(raw) || ' ' || sum(human) || ' ' || sum(clickers) FROM link_counts WHERE campaign_id = 'from afar' AND tenant_id = (SELECT tenant_id FROM messages WHERE id = $1)", id));
    }

    [Fact]
    public async Task Where_the_recipients_country_is_not_known_no_country_is_another()
    {
        var (id, code, record) = await server.SendAsync();
        record.Country = "";
        await server.RecordAsync(record);

        await server.FollowAsync(code, LinkServer.GermanAddress);

        await Eventually.EqualAsync("0", () => FlagsAsync(id));
    }

    [Fact]
    public async Task What_was_accepted_twice_has_both_its_codes_once_either_is_claimed()
    {
        var (_, first, record) = await server.SendAsync();
        var second = LinkCode.Draw();
        var again = record.Clone();
        again.Links[0].Code = second;
        await using var ledger = new LedgerBench(server.Database.ConnectionString);
        await server.RecordAsync(record);
        var message = AcceptedMessage.From(again, []);
        var seen = (await ledger.Ledger.ReadAsync([message.Id], default))[message.Id];

        await ledger.ClaimAsync(message, seen);
        await server.ForgetAllAsync();

        Assert.Equal(HttpStatusCode.Found, (await server.FollowAsync(second)).Status);
        Assert.Equal(HttpStatusCode.Found, (await server.FollowAsync(first)).Status);
    }

    private async Task<string> AddExpiredAsync()
    {
        var code = LinkCode.Draw();
        await using var insert = server.Database.CreateCommand(
            """
            INSERT INTO links (code, message_id, tenant_id, campaign_id, placeholder, url, expires_at)
            VALUES ($1, gen_random_uuid(), gen_random_uuid(), '', 'offer', 'https://shop.example.com/', now() - interval '1 second')
            """);
        insert.Parameters.Add(new() { Value = code });
        await insert.ExecuteNonQueryAsync();
        return code;
    }

    private Task<string> FlagsAsync(string id) => server.ReadAsync<string>(
        "SELECT coalesce(string_agg(flags::text, ',' ORDER BY flags), '') FROM link_hits WHERE message_id = $1", id);
}
