using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>Redis may be lost: messages are accepted all the same, and a repeat still is no second text.</summary>
public sealed class WithoutRedisTests(IngestServer server) : IClassFixture<IngestServer>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await server.Redis.Server.KillAsync();

    public async ValueTask DisposeAsync() => await server.Redis.Server.StartAgainAsync();

    [Fact]
    public async Task On_a_broker_that_forgets_a_repeat_still_gets_the_first_ones_id()
    {
        server.Log.IsDurable = false;

        var first = await SendAsync("a");
        var repeat = await SendAsync("a");
        var conflict = await Assert.ThrowsAsync<RpcException>(() => SendAsync("a", "Another text"));

        Assert.Equal((first.MessageId, true), (repeat.MessageId, repeat.Repeated));
        Assert.Equal(StatusCode.AlreadyExists, conflict.StatusCode);
    }

    [Fact]
    public async Task On_a_durable_broker_the_key_goes_with_the_record_for_the_ledger_to_judge()
    {
        server.Log.IsDurable = true;
        server.Log.Appended.Clear();

        await SendAsync("b");
        await SendAsync("b");

        Assert.All(server.Log.Records, static r => Assert.Equal(("b", 32), (r.IdempotencyKey, r.RequestHash.Length)));
    }

    [Fact]
    public async Task A_Redis_that_comes_back_is_used_again()
    {
        server.Log.IsDurable = true;
        await SendAsync("c");
        await server.Redis.Server.StartAgainAsync();

        await Eventually.TrueAsync(async () =>
        {
            await SendAsync("d");
            return (await SendAsync("d")).Repeated;
        });
    }

    private async Task<SendResponse> SendAsync(string key, string body = "Your code is 123456") => await server.Grpc.SendAsync(
        new SendRequest { To = "+14155550123", Body = body, Purpose = Purpose.Transactional, IdempotencyKey = key }, server.Credentials());
}
