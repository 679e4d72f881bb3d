using SmsCrm.Contracts.V1;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;

namespace SmsCrm.EndToEndTests;

public sealed class FirstMessageTests
{
    [Fact]
    public async Task A_message_goes_the_whole_way_from_gRPC_to_delivered_in_the_report()
    {
        await using var system = await TestSystem.StartAsync(KafkaKind.Embedded);
        using var api = await Api.OfAsync(system);
        using var watching = api.Grpc.Watch(new WatchRequest(), api.Headers);
        await watching.ResponseHeadersAsync;

        var accepted = await api.Grpc.SendAsync(
            new SendRequest { To = "+12125550123", Body = "Hello", Purpose = Purpose.Transactional, CampaignId = "first", ClientReference = "r1" },
            api.Headers);

        var kinds = new List<string>();
        while (!kinds.Contains("delivered") && await watching.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            var happened = watching.ResponseStream.Current;
            Assert.Equal(accepted.MessageId, happened.MessageId);
            Assert.Equal("r1", happened.ClientReference);
            kinds.Add(happened.Kind);
        }

        await Eventually.PassesAsync(async () =>
        {
            var message = await api.GetAsync($"/v1/messages/{accepted.MessageId}");
            Assert.Equal("delivered", message.GetProperty("state").GetString());
            var timeline = message.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString()).ToHashSet();
            Assert.Superset(new HashSet<string?> { "claimed", "taken", "delivered" }, timeline);
        });
        var summary = await api.GetAsync("/v1/reports/summary?campaign_id=first");
        Assert.Equal(1, summary.GetProperty("accepted").GetInt64());
        Assert.Equal(1, summary.GetProperty("states").GetProperty("delivered").GetProperty("messages").GetInt64());
    }
}
