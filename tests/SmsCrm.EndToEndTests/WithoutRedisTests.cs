using System.Net;
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
        using var provider = new Provider(system);
        await provider.SetKnobsAsync("""{"callbacks":{"finalAfterMs":15000}}""");
        var before = await api.SendAsync("+12125550300");
        var scheduled = await api.SendAsync("+12125550302", sendAt: TimeProvider.System.GetUtcNow().AddDays(1));
        await api.StateIsAsync(before, "sent");
        await api.StateIsAsync(scheduled, "deferred");

        await system.Redis!.KillAsync();
        var held = await api.SendAsync("+12125550303");
        await Eventually.PassesAsync(async () => Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadyAsync(system)).Status), TimeSpan.FromSeconds(30));
        var readiness = (await ReadyAsync(system)).Text;
        var goesOn = await TryAsync(
            ("a message is accepted", () => api.SendAsync("+12125550304")),
            ("a status callback is recorded", () => api.StateIsAsync(before, "delivered")),
            ("a STOP is acknowledged", async () => Assert.Equal(HttpStatusCode.OK, await handset.WriteAsync(Stopping, "STOP"))),
            ("a number is suppressed", () => api.CallAsync(HttpMethod.Post, "/v1/recipients/+12125550305/suppress")),
            ("a message is cancelled", () => api.CallAsync(HttpMethod.Post, $"/v1/messages/{scheduled}/cancel")),
            ("a message's timeline is told", () => api.CallAsync(HttpMethod.Get, $"/v1/messages/{held}")),
            ("a report is told", () => api.CallAsync(HttpMethod.Get, "/v1/reports/summary")),
            ("the ledger is told", () => api.CallAsync(HttpMethod.Get, "/v1/ledger")),
            ("settings are changed", () => api.CallAsync(HttpMethod.Put, "/v1/budgets/campaigns/any", """{"limit":5}""")));
        var texts = (await handset.LastArrivalsAsync()).Keys;
        await system.Redis.StartAgainAsync();
        await api.StateIsAsync(held, "sent", "delivered");
        var toStopped = await api.SendAsync(Stopping);

        Assert.Empty(goesOn);
        Assert.Contains("redis", readiness, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("+12125550303", texts);
        await api.StateIsAsync(toStopped, "rejected");
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

    private static async Task<(HttpStatusCode Status, string Text)> ReadyAsync(LocalSystem system)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(system.MetricsAddress, "/health/ready"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
