using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Access;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>While Postgres does not answer, keys in use go on, and others are told to try again rather than that they are wrong.</summary>
public sealed class WithoutPostgresTests(WithoutPostgresTests.LostStoreServer server) : IClassFixture<WithoutPostgresTests.LostStoreServer>
{
    [Fact]
    public async Task A_key_in_use_goes_on()
    {
        await server.Grpc.SendAsync(Good(), server.Credentials());
        LostStore.IsLost = true;

        var response = await server.Grpc.SendAsync(Good(), server.Credentials());

        Assert.NotEmpty(response.MessageId);
        LostStore.IsLost = false;
    }

    [Fact]
    public async Task Another_key_is_told_to_try_again()
    {
        var key = await server.NewKeyAsync(server.Tenant);
        LostStore.IsLost = true;

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Grpc.SendAsync(Good(), server.Credentials(key)).ResponseAsync);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", key);
        using var answer = await server.Http.SendAsync(request);

        Assert.Equal((StatusCode.Unavailable, HttpStatusCode.ServiceUnavailable), (error.StatusCode, answer.StatusCode));
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        LostStore.IsLost = false;
        await Eventually.TrueAsync(async () => (await server.Grpc.SendAsync(Good(), server.Credentials(key))).MessageId.Length > 0);
    }

    private static SendRequest Good() => new() { To = "+14155550123", Body = "Hello", Purpose = Purpose.Transactional };

    public sealed class LostStoreServer(PostgresFixture postgres) : IngestServer(postgres)
    {
        protected override void AddMore(IServiceCollection services)
        {
            services.AddSingleton<ApiKeyStore>();
            services.AddSingleton<IApiKeyStore>(static provider => new LostStore(provider.GetRequiredService<ApiKeyStore>()));
        }
    }

    private sealed class LostStore(ApiKeyStore store) : IApiKeyStore
    {
        public static volatile bool IsLost;

        public Task<ApiCaller?> FindAsync(KeyHash hash, CancellationToken cancellation) =>
            IsLost ? Task.FromException<ApiCaller?>(new NpgsqlException("Postgres is away")) : store.FindAsync(hash, cancellation);

        public Task<KeyChanges> ChangesAsync(TimeSpan lookBack, CancellationToken cancellation) =>
            IsLost ? Task.FromException<KeyChanges>(new NpgsqlException("Postgres is away")) : store.ChangesAsync(lookBack, cancellation);
    }
}
