using System.Net;
using System.Text;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

/// <summary>What stops while Redis is away, and what does not.</summary>
[Collection(nameof(Alone))]
public sealed class WithoutRedisTests
{
    private const string Stopping = "+12125550301";

    [Fact]
    public async Task While_Redis_is_away_sending_holds_and_says_so_the_rest_goes_on_and_then_sending_too()
    {
        await using var system = await TestSystem.StartAsync(KafkaKind.Embedded);
        using var api = await Api.OfAsync(system);
        using var handset = new Handset(system);
        await SlowDeliveryAsync(system);
        var before = await SendAsync(api, "+12125550300");
        var scheduled = await SendAsync(api, "+12125550302", TimeProvider.System.GetUtcNow().AddDays(1));
        await StateIsAsync(api, before, "sent");
        await StateIsAsync(api, scheduled, "deferred");

        await system.Redis!.KillAsync();
        var held = await SendAsync(api, "+12125550303");
        await Eventually.PassesAsync(async () => Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadyAsync(system)).Status), TimeSpan.FromSeconds(30));
        var readiness = (await ReadyAsync(system)).Text;
        var goesOn = await TryAsync(
            ("a message is accepted", () => SendAsync(api, "+12125550304")),
            ("a status callback is recorded", () => StateIsAsync(api, before, "delivered")),
            ("a STOP is acknowledged", async () => Assert.Equal(HttpStatusCode.OK, await handset.WriteAsync(Stopping, "STOP"))),
            ("a number is suppressed", () => CallAsync(api, HttpMethod.Post, "/v1/recipients/+12125550305/suppress")),
            ("a message is cancelled", () => CallAsync(api, HttpMethod.Post, $"/v1/messages/{scheduled}/cancel")),
            ("a message's timeline is told", () => CallAsync(api, HttpMethod.Get, $"/v1/messages/{held}")),
            ("a report is told", () => CallAsync(api, HttpMethod.Get, "/v1/reports/summary")),
            ("the ledger is told", () => CallAsync(api, HttpMethod.Get, "/v1/ledger")),
            ("settings are changed", () => CallAsync(api, HttpMethod.Put, "/v1/budgets/campaigns/any", """{"limit":5}""")));
        var texts = (await handset.LastArrivalsAsync()).Keys;
        await system.Redis.StartAgainAsync();
        await StateIsAsync(api, held, "sent", "delivered");
        var toStopped = await SendAsync(api, Stopping);

        Assert.Empty(goesOn);
        Assert.Contains("redis", readiness, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("+12125550303", texts);
        await StateIsAsync(api, toStopped, "rejected");
        await Eventually.PassesAsync(async () => Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(system)).Status), TimeSpan.FromSeconds(30));
    }

    /// <returns>What did not go on, and why.</returns>
    private static async Task<List<string>> TryAsync(params (string What, Func<Task> Act)[] table)
    {
        var stopped = new List<string>();
        foreach (var (what, act) in table)
        {
            try
            {
                await act();
            }
            catch (Exception e)
            {
                stopped.Add($"{what}: {e.Message}");
            }
        }

        return stopped;
    }

    private static async Task SlowDeliveryAsync(LocalSystem system)
    {
        using var http = new HttpClient();
        using var answer = await http.PutAsync(
            new Uri(system.SimulatorAddress, "/_control/knobs"),
            new StringContent("""{"callbacks":{"finalAfterMs":15000}}""", Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadyAsync(LocalSystem system)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(system.MetricsAddress, "/health/ready"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> SendAsync(Api api, string to, DateTimeOffset? sendAt = null) => (await api.Grpc.SendAsync(
        new SendRequest
        {
            To = to,
            Body = "Hello.",
            Purpose = Purpose.Transactional,
            SendAt = sendAt is { } at ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at) : null,
        },
        api.Headers)).MessageId;

    private static Task StateIsAsync(Api api, string id, params string[] states) => Eventually.PassesAsync(
        async () => Assert.Contains((await api.GetAsync($"/v1/messages/{id}")).GetProperty("state").GetString(), states), TimeSpan.FromSeconds(60));

    private static async Task CallAsync(Api api, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await api.Rest.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
