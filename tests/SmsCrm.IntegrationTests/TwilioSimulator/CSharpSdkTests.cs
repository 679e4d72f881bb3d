using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;
using Twilio.Clients;
using Twilio.Exceptions;
using Twilio.Http;
using Twilio.Rest.Api.V2010.Account;
using Twilio.Types;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

/// <summary>The official C# SDK, unchanged but for the host that its requests go to.</summary>
public sealed class CSharpSdkTests : IAsyncLifetime
{
    private static readonly PhoneNumber Handset = new("+14155550101");
    private static readonly PhoneNumber Sender = new("12345");
    private RunningSimulator _simulator = null!;
    private TwilioRestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _simulator = await RunningSimulator.StartAsync();
        _client = ClientOf(SimulatedAccount.DemoAuthToken);
    }

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task A_message_is_created_with_the_types_that_the_sdk_expects()
    {
        var message = await CreateAsync(body: "Héllo + 100% & more 😀");

        Assert.Matches("^SM[0-9a-f]{32}$", message.Sid);
        Assert.Equal(SimulatedAccount.DemoSid, message.AccountSid);
        Assert.Equal("Héllo + 100% & more 😀", message.Body);
        Assert.Equal(MessageResource.StatusEnum.Queued, message.Status);
        Assert.Equal(MessageResource.DirectionEnum.OutboundApi, message.Direction);
        Assert.Equal(("1", "0"), (message.NumSegments, message.NumMedia));
        Assert.Equal("12345", message.From.ToString());
        Assert.Null(message.ErrorCode);
        Assert.Null(message.DateSent);
        Assert.InRange(message.DateCreated!.Value, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1));
        Assert.EndsWith("/Media.json", message.SubresourceUris["media"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_fetched_until_it_was_delivered()
    {
        var sid = (await CreateAsync()).Sid;

        await DeliveredAsync(sid);
        var message = await MessageResource.FetchAsync(sid, client: _client);
        Assert.NotNull(message.DateSent);
        Assert.Equal(("-0.00790", "USD"), (message.Price, message.PriceUnit));
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        for (var i = 0; i < 7; i++)
            await CreateAsync(body: $"Text {i}");
        await MessageResource.CreateAsync(new PhoneNumber("+14155550102"), from: Sender, body: "Another's", client: _client);

        var read = await MessageResource.ReadAsync(to: Handset, pageSize: 3, client: _client);
        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"Text {i}"), read.Select(message => message.Body));
        var few = await MessageResource.ReadAsync(to: Handset, limit: 2, client: _client);
        Assert.Equal(["Text 6", "Text 5"], few.Select(message => message.Body));
    }

    [Fact]
    public async Task A_page_leads_back_to_the_one_before()
    {
        for (var i = 0; i < 5; i++)
            await CreateAsync(body: $"Text {i}");

        var first = MessageResource.GetPage($"{_simulator.BaseAddress}{RunningSimulator.Messages[1..]}?PageSize=2", _client);
        var second = MessageResource.NextPage(first, _client);
        var third = MessageResource.NextPage(second, _client);
        Assert.Equal(["Text 0"], third.Records.Select(message => message.Body));
        Assert.Equal(["Text 2", "Text 1"], MessageResource.PreviousPage(third, _client).Records.Select(message => message.Body));
    }

    [Fact]
    public async Task A_list_is_filtered_by_date()
    {
        await CreateAsync();
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;

        Assert.Equal(1, await CountAsync(after: now.AddHours(-1)));
        Assert.Equal(0, await CountAsync(after: now.AddHours(1)));
        Assert.Equal(1, await CountAsync(before: now.AddHours(1)));
        Assert.Equal(0, await CountAsync(before: now.AddHours(-1)));
    }

    [Fact]
    public async Task A_text_is_redacted()
    {
        var sid = (await CreateAsync(body: "Secret")).Sid;
        await DeliveredAsync(sid);

        Assert.Equal("", (await MessageResource.UpdateAsync(sid, body: "", client: _client)).Body);
        Assert.Equal("", (await MessageResource.FetchAsync(sid, client: _client)).Body);
    }

    [Fact]
    public async Task A_scheduled_message_is_cancelled()
    {
        var message = await MessageResource.CreateAsync(
            Handset, messagingServiceSid: "MG0123456789abcdef0123456789abcdef", body: "Later", scheduleType: MessageResource.ScheduleTypeEnum.Fixed,
            sendAt: TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1), client: _client);
        Assert.Equal(MessageResource.StatusEnum.Scheduled, message.Status);

        var cancelled = await MessageResource.UpdateAsync(message.Sid, status: MessageResource.UpdateStatusEnum.Canceled, client: _client);
        Assert.Equal(MessageResource.StatusEnum.Canceled, cancelled.Status);
    }

    [Fact]
    public async Task A_message_is_deleted_and_gone()
    {
        var sid = (await CreateAsync()).Sid;
        await DeliveredAsync(sid);

        Assert.True(await MessageResource.DeleteAsync(sid, client: _client));
        await AssertRefusedAsync(20404, 404, () => MessageResource.FetchAsync(sid, client: _client));
    }

    [Fact]
    public async Task Errors_come_as_the_sdks_own_exception()
    {
        await AssertRefusedAsync(21211, 400, () => MessageResource.CreateAsync(new PhoneNumber("+15005550001"), from: Sender, body: "Hi", client: _client));
        await AssertRefusedAsync(21610, 400, () => MessageResource.CreateAsync(new PhoneNumber("+15005550004"), from: Sender, body: "Hi", client: _client));
        await AssertRefusedAsync(21606, 400, () => MessageResource.CreateAsync(Handset, from: new PhoneNumber("+15005550007"), body: "Hi", client: _client));
        await AssertRefusedAsync(21617, 400, () => CreateAsync(body: new string('a', 1601)));
        await AssertRefusedAsync(20404, 404, () => MessageResource.FetchAsync("SM" + new string('0', 32), client: _client));
        await AssertRefusedAsync(20003, 401, () => MessageResource.CreateAsync(Handset, from: Sender, body: "Hi", client: ClientOf("wrong")));
    }

    private Task<MessageResource> CreateAsync(string body = "Hi") =>
        MessageResource.CreateAsync(Handset, from: Sender, body: body, client: _client);

    private Task DeliveredAsync(string sid) => Eventually.TrueAsync(async () =>
        (await MessageResource.FetchAsync(sid, client: _client)).Status == MessageResource.StatusEnum.Delivered);

    private async Task<int> CountAsync(DateTime? after = null, DateTime? before = null) =>
        (await MessageResource.ReadAsync(dateSentAfter: after, dateSentBefore: before, client: _client)).Count();

    private static async Task AssertRefusedAsync(int code, int status, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<ApiException>(call);
        Assert.Equal((code, status), (error.Code, error.Status));
        Assert.Equal($"https://www.twilio.com/docs/errors/{code}", error.MoreInfo);
    }

    private TwilioRestClient ClientOf(string token)
    {
        var redirected = new System.Net.Http.HttpClient(new Redirection(_simulator.BaseAddress) { InnerHandler = new HttpClientHandler() });
        return new TwilioRestClient(SimulatedAccount.DemoSid, token, httpClient: new SystemNetHttpClient(redirected));
    }

    private sealed class Redirection(Uri to) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(to, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
