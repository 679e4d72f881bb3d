using System.Net;
using System.Text.Json;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.IntegrationTests.Links;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>Webhooks as a tenant meets them over REST.</summary>
public sealed class WebhookEndpointTests(CrmServer server) : IClassFixture<CrmServer>, IAsyncLifetime
{
    private WebhookReceiver? _receiver;

    private WebhookReceiver Receiver => _receiver!;

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    [Fact]
    public async Task A_secret_is_shown_when_it_is_made_and_never_again()
    {
        var made = await CreateAsync("shown", """, "events": ["message.delivered", "message.read"], "description": "our CRM" """);
        var path = $"/v1/webhooks/{made.GetProperty("id").GetString()}";

        var read = await server.GetAsync(path);
        var listed = await server.GetAsync("/v1/webhooks");
        var rotated = await server.CallAsync(HttpMethod.Post, path + "/rotate-secret?overlap_hours=1");
        var changes = await server.GetAsync("/v1/changes");

        Assert.StartsWith("whsec_", made.GetProperty("secret").GetString(), StringComparison.Ordinal);
        Assert.Equal(("active", "our CRM", 2), (read.Body.GetProperty("state").GetString(), read.Body.GetProperty("description").GetString(), read.Body.GetProperty("events").GetArrayLength()));
        Assert.DoesNotContain("whsec_", read.Body.GetRawText() + listed.Body.GetRawText() + changes.Body.GetRawText(), StringComparison.Ordinal);
        Assert.NotEqual(made.GetProperty("secret").GetString(), rotated.Body.GetProperty("secret").GetString());
        Assert.True(rotated.Body.TryGetProperty("previous_secret_until", out _));
        Assert.Contains("rotate_secret", changes.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_event_arrives_is_in_the_log_and_can_be_made_again()
    {
        var made = await CreateAsync("logged");
        var path = $"/v1/webhooks/{made.GetProperty("id").GetString()}";

        var test = await server.CallAsync(HttpMethod.Post, path + "/test");
        var delivery = $"{path}/deliveries/{test.Body.GetProperty("delivery_id").GetString()}";
        await Eventually.TrueAsync(async () => (await server.GetAsync(delivery)).Body.GetProperty("delivery").GetProperty("state").GetString() == "delivered");
        var again = await server.CallAsync(HttpMethod.Post, delivery + "/redeliver");
        await Eventually.TrueAsync(async () => (await server.GetAsync(delivery)).Body.GetProperty("attempts").GetArrayLength() == 2);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (test.Status, again.Status));
        var received = Receiver.At("logged");
        Assert.Equal([test.Body.GetProperty("webhook_id").GetString()], received.Select(one => one.Id).Distinct());
        Assert.Equal("webhook.test", JsonDocument.Parse(received[0].Body).RootElement.GetProperty("type").GetString());
        var attempt = (await server.GetAsync(delivery)).Body.GetProperty("attempts")[0];
        Assert.Equal((200, "answer of /logged"), (attempt.GetProperty("status").GetInt32(), attempt.GetProperty("response_head").GetString()));
        Assert.True(attempt.GetProperty("latency_ms").GetInt32() >= 0);
    }

    [Fact]
    public async Task The_log_is_read_in_pages()
    {
        var made = await CreateAsync("paged");
        var path = $"/v1/webhooks/{made.GetProperty("id").GetString()}";
        for (var i = 0; i < 5; i++)
        {
            await server.CallAsync(HttpMethod.Post, path + "/test");
        }

        var ids = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await server.GetAsync($"{path}/deliveries?limit=2{cursor}")).Body;
            ids.AddRange(page.GetProperty("deliveries").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? "&cursor=" + next.GetString() : null;
        }

        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), ids);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.GetAsync(path + "/deliveries?limit=201&cursor=nowhere")).Status);
    }

    [Fact]
    public async Task Another_tenant_finds_nothing_of_it()
    {
        var path = $"/v1/webhooks/{(await CreateAsync("mine")).GetProperty("id").GetString()}";
        var delivery = (await server.CallAsync(HttpMethod.Post, path + "/test")).Body.GetProperty("delivery_id").GetString();
        var url = Receiver.Url("theirs");

        var answers = new List<HttpStatusCode>
        {
            (await server.GetAsync(path, server.OtherTenantKey)).Status,
            (await server.GetAsync(path + "/deliveries", server.OtherTenantKey)).Status,
            (await server.GetAsync($"{path}/deliveries/{delivery}", server.OtherTenantKey)).Status,
            (await server.CallAsync(HttpMethod.Put, path, $$"""{"url": "{{url}}"}""", server.OtherTenantKey)).Status,
            (await server.CallAsync(HttpMethod.Delete, path, null, server.OtherTenantKey)).Status,
            (await server.CallAsync(HttpMethod.Post, path + "/rotate-secret", null, server.OtherTenantKey)).Status,
            (await server.CallAsync(HttpMethod.Post, path + "/test", null, server.OtherTenantKey)).Status,
            (await server.CallAsync(HttpMethod.Post, $"{path}/deliveries/{delivery}/redeliver", null, server.OtherTenantKey)).Status,
        };

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.DoesNotContain(url, (await server.GetAsync("/v1/webhooks")).Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0, (await server.GetAsync("/v1/webhooks", server.OtherTenantKey)).Body.GetProperty("webhooks").GetArrayLength());
    }

    [Fact]
    public async Task An_update_replaces_what_was_read_and_a_removed_endpoint_gets_nothing()
    {
        var made = await CreateAsync("before");
        var path = $"/v1/webhooks/{made.GetProperty("id").GetString()}";
        var change = $$"""{"url": "{{Receiver.Url("after")}}", "events": ["message.queued"], "enabled": false}""";

        var off = await server.CallAsync(HttpMethod.Put, path + "?version=1", change);
        var stale = await server.CallAsync(HttpMethod.Put, path + "?version=1", change);
        var refused = await server.CallAsync(HttpMethod.Post, path + "/test");
        var on = await server.CallAsync(HttpMethod.Put, path + "?version=2", change.Replace("false", "true", StringComparison.Ordinal));
        await server.CallAsync(HttpMethod.Post, path + "/test");
        await Eventually.TrueAsync(() => Receiver.At("after").Count == 1);
        var removed = await server.CallAsync(HttpMethod.Delete, path);
        await server.Bench.Ledger.EnqueueAsync([server.Bench.NewMessage()], default);

        Assert.Equal(("off", "Switched off by the tenant."), (off.Body.GetProperty("state").GetString(), off.Body.GetProperty("reason").GetString()));
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (stale.Status, refused.Status));
        Assert.Equal(("active", 3), (on.Body.GetProperty("state").GetString(), on.Body.GetProperty("version").GetInt32()));
        Assert.Equal(HttpStatusCode.NoContent, removed.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(path)).Status);
        Assert.Empty(Receiver.At("before"));
    }

    [Theory]
    [InlineData("""{"url": "ftp://example.com"}""", "url is 'ftp://example.com'")]
    [InlineData("""{"url": "https://10.0.0.1/x"}""", "a private or reserved address can't be called")]
    [InlineData("""{"url": "http://127.0.0.2/x"}""", "a private or reserved address can't be called")]
    [InlineData("""{"url": "https://[::ffff:10.0.0.1]/x"}""", "a private or reserved address can't be called")]
    [InlineData("""{"url": "https://example.com/x"}""", "SecretKey is not set")]
    [InlineData("""{"url": "http://127.0.0.1/x", "events": ["message.exploded"]}""", "events is 'message.exploded'")]
    [InlineData("""{"url": "http://127.0.0.1/x", "events": []}""", "events is ''")]
    [InlineData("""{"url": "http://127.0.0.1/x", "secret": "mine"}""", "secret")]
    [InlineData("""{}""", "url")]
    [InlineData("nothing", "body is not JSON at line 1, byte 2")]
    [InlineData("""{"url": "http://127.0.0.1/x", "events": [null]}""", "events[0] is null: it must be a string")]
    public async Task Bad_input_is_answered_with_field_value_and_remedy(string body, string error)
    {
        var answer = await server.CallAsync(HttpMethod.Post, "/v1/webhooks", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(error, answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/rotate-secret?overlap=1", "overlap", "is '1': this list knows only overlap_hours")]
    [InlineData("PUT", "?versoin=1", "versoin", "is '1': this list knows only version")]
    [InlineData("DELETE", "?version=1", "version", "is '1': there are no parameters here: leave it out")]
    [InlineData("GET", "?x=", "x", "is '': there are no parameters here: leave it out")]
    [InlineData("POST", "/test?event=message.read", "event", "is 'message.read': there are no parameters here: leave it out")]
    [InlineData("GET", "/deliveries?state=waiting", "state", "is 'waiting': this list knows only limit, cursor")]
    [InlineData("GET", "/deliveries/01a21123-3fb9-7a44-bf9b-e941321f3b66?full=1", "full", "is '1': there are no parameters here: leave it out")]
    [InlineData("POST", "/deliveries/01a21123-3fb9-7a44-bf9b-e941321f3b66/redeliver?to=x", "to", "is 'x': there are no parameters here: leave it out")]
    public async Task A_parameter_that_is_not_known_is_refused_and_nothing_is_done(string method, string call, string parameter, string error)
    {
        var made = await CreateAsync("misspelt");
        var path = $"/v1/webhooks/{made.GetProperty("id").GetString()}";

        var refused = await server.CallAsync(new HttpMethod(method), path + call, method == "PUT" ? $$"""{"url": "{{Receiver.Url("other")}}"}""" : null);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        var named = Assert.Single(refused.Body.GetProperty("errors").EnumerateArray());
        Assert.Equal((parameter, error), (named.GetProperty("field").GetString(), named.GetProperty("detail").GetString()));
        var now = (await server.GetAsync(path)).Body;
        Assert.Equal((1, "active", false), (now.GetProperty("version").GetInt32(), now.GetProperty("state").GetString(), now.TryGetProperty("previous_secret_until", out _)));
        Assert.Empty(Receiver.Received);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task The_list_of_endpoints_and_their_making_have_no_parameters(string method)
    {
        var refused = await server.CallAsync(new HttpMethod(method), "/v1/webhooks?limit=5", method == "POST" ? $$"""{"url": "{{Receiver.Url("x")}}"}""" : null);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal("limit", Assert.Single(refused.Body.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task An_event_of_the_ledger_is_delivered_by_the_server()
    {
        await CreateAsync("served");
        var message = server.Bench.NewMessage();
        await server.Bench.Ledger.EnqueueAsync([message], default);
        await server.Bench.HearAsync(message, LedgerBench.NewSid(), "undelivered", 30003);

        await Eventually.TrueAsync(() => Receiver.At("served").Any(received => received.Body.Contains("undelivered", StringComparison.Ordinal)));
        var data = JsonDocument.Parse(Receiver.At("served").Last().Body).RootElement.GetProperty("data");
        Assert.Equal((message.Id.ToString(), 30003), (data.GetProperty("message_id").GetString(), data.GetProperty("provider_code").GetInt32()));
    }

    [Fact]
    public async Task A_click_is_delivered_by_the_server_to_who_names_it()
    {
        var made = await CreateAsync("clicked", """, "events": ["message.clicked"]""");
        await CreateAsync("unasked");
        var message = server.Bench.NewMessage().WithLink();
        await server.Bench.Ledger.EnqueueAsync([message], default);

        await Clicks.WriteAsync(server.Bench.Postgres, message.Hit());

        await Eventually.TrueAsync(() => Receiver.At("clicked").Count == 1);
        var received = Receiver.At("clicked").Single();
        Assert.True(received.IsSignedWith(made.GetProperty("secret").GetString()!));
        Assert.Equal((message.Id.ToString(), Clicks.Url), (received.Data.GetProperty("message_id").GetString(), received.Data.GetProperty("url").GetString()));
        Assert.Empty(Receiver.At("unasked"));
    }

    public async ValueTask DisposeAsync() => await Receiver.DisposeAsync();

    private async Task<JsonElement> CreateAsync(string path, string more = "")
    {
        var made = await server.CallAsync(HttpMethod.Post, "/v1/webhooks", $$"""{"url": "{{Receiver.Url(path)}}"{{more}}}""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return made.Body;
    }
}
