using Microsoft.AspNetCore.Http;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Pipeline.Provider;

/// <summary>What an end of a POST is taken for. The dearest mistake is a "not sent" that was sent.</summary>
public sealed class TwilioSmsProviderTests
{
    private const string Sid = "SM0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_201_with_a_sid_is_accepted_and_the_form_says_what_was_asked()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(201, $$"""{"sid":"{{Sid}}","status":"queued","num_segments":"1"}""");
        using var under = new ProviderUnderTest(twilio.Address);
        var text = under.Text("50 % off + more & so é😀");

        var outcome = await under.PostAsync(text);

        Assert.True(ProviderSid.TryParse(Sid, out var sid));
        Assert.Equal(new PostOutcome.Accepted(sid), outcome);
        Assert.Equal("+14155550123", twilio.Fields["To"]);
        Assert.Equal("12345", twilio.Fields["From"]);
        Assert.Equal("50 % off + more & so é😀", twilio.Fields["Body"]);
        Assert.Equal(StatusCallbackUrl.For("http://127.0.0.1:9", text.Tenant, text.Message, 1), twilio.Fields["StatusCallback"]);
        Assert.Equal("Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(ProviderUnderTest.AccountSid + ":token")), twilio.Authorization);
    }

    [Theory]
    [InlineData(400, 21211, ErrorClass.Permanent)]
    [InlineData(400, 21610, ErrorClass.Suppress)]
    [InlineData(401, 20003, ErrorClass.Halt)]
    public async Task The_providers_own_error_body_is_a_refusal(int status, int code, ErrorClass expected)
    {
        await using var twilio = await StubTwilio.AnsweringAsync(status, Error(status, code));
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.Equal(new PostOutcome.Rejected(code, "no", expected), await under.PostAsync());
    }

    [Fact]
    public async Task A_429_is_throttling_with_its_retry_after()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(429, Error(429, 20429), retryAfter: "7");
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.Equal(new PostOutcome.Throttled(20429, "no", TimeSpan.FromSeconds(7)), await under.PostAsync());
    }

    [Theory]
    [InlineData(500, """{"code":20500,"message":"no","status":500}""")]
    [InlineData(503, """{"code":20503,"message":"no","status":503}""")]
    [InlineData(502, "<html>Bad Gateway</html>")]
    [InlineData(403, "<html>Forbidden by the proxy</html>")]
    [InlineData(403, """{"error":"forbidden"}""")]
    [InlineData(429, "")]
    [InlineData(400, "")]
    [InlineData(302, "")]
    [InlineData(201, "")]
    [InlineData(201, "not JSON")]
    [InlineData(201, "{}")]
    [InlineData(201, """{"sid":"XX0123456789abcdef0123456789abcdef"}""")]
    public async Task Any_other_answer_proves_nothing(int status, string body)
    {
        await using var twilio = await StubTwilio.AnsweringAsync(status, body);
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.IsType<PostOutcome.Unknown>(await under.PostAsync());
        Assert.Equal(1, twilio.Requests);
    }

    [Fact]
    public async Task A_connection_that_drops_after_the_request_leaves_it_unknown_and_is_not_tried_again()
    {
        await using var twilio = await StubTwilio.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.IsType<PostOutcome.Unknown>(await under.PostAsync());
        Assert.Equal(1, twilio.Requests);
    }

    [Fact]
    public async Task A_kept_connection_that_drops_leaves_it_unknown_and_is_not_tried_again()
    {
        var answers = 0;
        await using var twilio = await StubTwilio.StartAsync(context =>
        {
            if (Interlocked.Increment(ref answers) > 1)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            context.Response.StatusCode = 201;
            return context.Response.WriteAsync($$"""{"sid":"{{Sid}}"}""");
        });
        using var under = new ProviderUnderTest(twilio.Address);
        await under.PostAsync();

        Assert.IsType<PostOutcome.Unknown>(await under.PostAsync());
        Assert.Equal(2, twilio.Requests);
    }

    [Fact]
    public async Task An_answer_cut_short_leaves_it_unknown()
    {
        await using var twilio = await StubTwilio.StartAsync(async context =>
        {
            context.Response.StatusCode = 400;
            context.Response.ContentLength = 500;
            await context.Response.WriteAsync("{\"code\":21211,");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.IsType<PostOutcome.Unknown>(await under.PostAsync());
    }

    [Fact]
    public async Task An_endless_answer_leaves_it_unknown()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(201, new string('x', 200_000));
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.IsType<PostOutcome.Unknown>(await under.PostAsync());
    }

    [Fact]
    public async Task No_answer_within_the_deadline_leaves_it_unknown()
    {
        await using var twilio = await StubTwilio.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var under = new ProviderUnderTest(twilio.Address, postTimeoutMs: 500);

        Assert.Equal(new PostOutcome.Unknown("no answer within 500 ms"), await under.PostAsync());
    }

    [Fact]
    public async Task Nobody_who_listens_proves_that_it_was_not_sent()
    {
        using var under = new ProviderUnderTest(new Uri($"http://127.0.0.1:{PrivatePorts.Next()}"));

        Assert.Equal(new PostOutcome.NotSent("connection: ConnectionRefused"), await under.PostAsync());
    }

    [Fact]
    public async Task Past_its_post_by_nothing_is_sent()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(201, $$"""{"sid":"{{Sid}}"}""");
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.Equal(new PostOutcome.NotSent("past post_by"), await under.PostAsync(under.Text(within: TimeSpan.Zero)));
        Assert.Equal(0, twilio.Requests);
    }

    [Fact]
    public async Task A_post_by_that_passes_while_the_connection_opens_is_met_where_the_body_is_written()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(201, $$"""{"sid":"{{Sid}}"}""");
        using var under = new ProviderUnderTest(twilio.Address);
        // The clock is read when the call begins, and jumps before the body is written.
        var clock = new JumpingClock();

        var outcome = await under.PostAsync(under.Text() with { PostBy = 1, Clock = clock });

        Assert.Equal(new PostOutcome.NotSent("past post_by"), outcome);
        Assert.Equal(0, twilio.Requests);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_began_was_not_sent()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(201, $$"""{"sid":"{{Sid}}"}""");
        using var under = new ProviderUnderTest(twilio.Address);

        var outcome = await under.Provider.CreateAsync(under.Account, under.Text(), new CancellationToken(canceled: true));

        Assert.Equal(new PostOutcome.NotSent("cancelled"), outcome);
        Assert.Equal(0, twilio.Requests);
    }

    [Fact]
    public async Task A_fetch_says_what_the_provider_says()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(200, Message(Sid, "undelivered", 30003));
        using var under = new ProviderUnderTest(twilio.Address);
        Assert.True(ProviderSid.TryParse(Sid, out var sid));

        var message = await under.Provider.FetchAsync(under.Account, sid, CancellationToken.None);

        Assert.Equal(
            new ProviderMessage(sid, "12345", "+14155550123", "Hi", "undelivered", 30003, new DateTimeOffset(2023, 8, 24, 5, 1, 45, TimeSpan.Zero), "outbound-api") { NumMedia = "0" },
            message);
    }

    [Fact]
    public async Task A_fetch_that_is_not_answered_gives_nothing()
    {
        await using var twilio = await StubTwilio.AnsweringAsync(404, Error(404, 20404));
        using var under = new ProviderUnderTest(twilio.Address);
        Assert.True(ProviderSid.TryParse(Sid, out var sid));

        Assert.Null(await under.Provider.FetchAsync(under.Account, sid, CancellationToken.None));
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_and_filtered_by_creation()
    {
        const string other = "SM0123456789abcdef0123456789abcdea";
        await using var twilio = await StubTwilio.StartAsync(context => context.Response.WriteAsync(context.Request.Query.ContainsKey("Page")
            ? Page(Message(other, "sent", null), null)
            : Page(Message(Sid, "queued", null), $"/2010-04-01/Accounts/{ProviderUnderTest.AccountSid}/Messages.json?To=%2B14155550123&Page=1&PageToken=PA1")));
        using var under = new ProviderUnderTest(twilio.Address);
        var created = new DateTimeOffset(2023, 8, 24, 5, 1, 45, TimeSpan.Zero);

        var all = await under.Provider.ListAsync(under.Account, new PhoneNumber(14155550123), created, CancellationToken.None);
        var later = await under.Provider.ListAsync(under.Account, new PhoneNumber(14155550123), created.AddSeconds(1), CancellationToken.None);

        Assert.Equal([Sid, other], all!.Select(message => message.Sid.ToString()));
        Assert.Empty(later!);
        Assert.Equal(4, twilio.Requests);
    }

    [Fact]
    public async Task A_list_whose_second_page_fails_is_no_list()
    {
        await using var twilio = await StubTwilio.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Query.ContainsKey("Page") ? 500 : 200;
            return context.Response.WriteAsync(Page(Message(Sid, "queued", null), "/2010-04-01/Accounts/AC1/Messages.json?Page=1"));
        });
        using var under = new ProviderUnderTest(twilio.Address);

        Assert.Null(await under.Provider.ListAsync(under.Account, new PhoneNumber(14155550123), DateTimeOffset.UnixEpoch, CancellationToken.None));
    }

    private static string Error(int status, int code) =>
        $$"""{"code":{{code}},"message":"no","more_info":"https://www.twilio.com/docs/errors/{{code}}","status":{{status}}}""";

    private static string Message(string sid, string status, int? code) =>
        $$"""
        {"sid":"{{sid}}","account_sid":"AC1","from":"12345","to":"+14155550123","body":"Hi","status":"{{status}}","error_code":{{code?.ToString() ?? "null"}},
        "date_created":"Thu, 24 Aug 2023 05:01:45 +0000","date_sent":null,"direction":"outbound-api","num_segments":"1","num_media":"0","price":null}
        """;

    private static string Page(string message, string? next) =>
        $$"""{"messages":[{{message}}],"page":0,"page_size":1000,"start":0,"end":0,"uri":"/x","first_page_uri":"/x","next_page_uri":{{(next is null ? "null" : $"\"{next}\"")}},"previous_page_uri":null}""";

    private sealed class JumpingClock : TimeProvider
    {
        private int _reads;

        public override long GetTimestamp() => Interlocked.Increment(ref _reads) == 1 ? 0 : 100;
    }
}
