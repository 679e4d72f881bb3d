using System.Net;
using System.Net.Http.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>A key of which nobody can say in time whether it is known is no reason to take the message twice: the caller tries again.</summary>
public sealed class UnansweredKeyTests(UnansweredKeyTests.SlowLedgerServer server) : IClassFixture<UnansweredKeyTests.SlowLedgerServer>, IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        server.Log.IsDurable = true;
        await SendAsync("warm");
        await server.Redis.Server.KillAsync();
        SlowKeys.IsSilent = true;
        server.Log.Appended.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        SlowKeys.IsSilent = false;
        await server.Redis.Server.StartAgainAsync();
    }

    [Fact]
    public async Task While_neither_store_answers_nothing_is_written_and_the_caller_is_told_to_retry_with_the_key()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => SendAsync("a"));
        using var rest = await PostAsync("a");

        Assert.Equal((StatusCode.Unavailable, HttpStatusCode.ServiceUnavailable), (refused.StatusCode, rest.StatusCode));
        Assert.Contains("same key", refused.Status.Detail, StringComparison.Ordinal);
        Assert.NotNull(rest.Headers.RetryAfter);
        Assert.Empty(server.Log.Records);
    }

    [Fact]
    public async Task Messages_without_a_key_go_on()
    {
        await SendAsync("");

        Assert.Single(server.Log.Records);
    }

    [Fact]
    public async Task Once_one_of_them_answers_the_key_is_taken()
    {
        await Assert.ThrowsAsync<RpcException>(() => SendAsync("b"));
        SlowKeys.IsSilent = false;

        var accepted = await SendAsync("b");

        Assert.False(accepted.Repeated);
        Assert.Single(server.Log.Records);
    }

    private async Task<SendResponse> SendAsync(string key) => await server.Grpc.SendAsync(
        new SendRequest { To = "+14155550123", Body = "Your code is 123456", Purpose = Purpose.Transactional, IdempotencyKey = key }, server.Credentials());

    private async Task<HttpResponseMessage> PostAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = JsonContent.Create(new { to = "+14155550123", body = "Your code is 123456", purpose = "transactional" }),
            Headers = { { "Idempotency-Key", key } },
        };
        return await server.Http.SendAsync(request);
    }

    public sealed class SlowLedgerServer(PostgresFixture postgres) : IngestServer(postgres)
    {
        /// <summary>Enough for the Postgres that answers again, on a busy machine too.</summary>
        protected override int KeyLookupTimeoutMs => 3_000;

        protected override void AddMore(IServiceCollection services) => services.AddSingleton<ISendKeys>(
            static provider => new SlowKeys(ActivatorUtilities.CreateInstance<SendKeys>(provider)));
    }

    /// <summary>A Postgres that is there and does not answer.</summary>
    private sealed class SlowKeys(SendKeys keys) : ISendKeys
    {
        public static volatile bool IsSilent;

        public Task<SendKey?> FindAsync(TenantId tenant, string key, CancellationToken cancellation) => IsSilent
            ? new TaskCompletionSource<SendKey?>(TaskCreationOptions.RunContinuationsAsynchronously).Task
            : keys.FindAsync(tenant, key, cancellation);
    }
}
