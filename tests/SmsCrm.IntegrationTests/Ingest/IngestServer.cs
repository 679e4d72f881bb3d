using System.Globalization;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Server.Documentation;
using SmsCrm.Server.Endpoints.Ingest;
using SmsCrm.Server.Endpoints.Links;
using SmsCrm.Server.Hosting;
using SmsCrm.Server.Problems;
using SmsCrm.Storage;
using SmsCrm.Streams;
using SmsCrm.Streams.LocalBrokers;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>Both APIs in this process, on real Postgres, Redis and Kafka's protocol, with one tenant and its keys.</summary>
public class IngestServer(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RedisFixture _redis = new();
    private EmbeddedBroker? _broker;
    private WebApplication? _app;
    private GrpcChannel? _channel;

    public HttpClient Http { get; private set; } = new();

    /// <summary>The tenant's good key.</summary>
    public string Key { get; private set; } = "";

    public string RevokedKey { get; private set; } = "";

    public string OperatorKey { get; private set; } = "";

    public TenantId Tenant { get; } = new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));

    public Uri GrpcAddress { get; private set; } = new("http://127.0.0.1");

    public RedisFixture Redis => _redis;

    public IServiceProvider Services => _app!.Services;

    public Npgsql.NpgsqlDataSource Database => Services.GetRequiredService<Npgsql.NpgsqlDataSource>();

    public CallInvoker Invoker => _channel!.CreateCallInvoker();

    public MessageIngest.MessageIngestClient Grpc => new(_channel!);

    internal RequestLogSpy Log { get; private set; } = null!;

    internal ApiKeys Keys => Services.GetRequiredService<ApiKeys>();

    public Metadata Credentials(string? key = null) => new() { { "authorization", $"Bearer {key ?? Key}" } };

    public virtual async ValueTask InitializeAsync()
    {
        await _redis.InitializeAsync();
        _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Port = PrivatePorts.Next(), Topics = [] });
        foreach (var topic in Topics.All)
        {
            _broker.CreateTopic(topic, 2);
        }

        _app = Compose(await postgres.CreateMigratedDatabaseAsync());
        await _app.StartAsync();
        Log = (RequestLogSpy)Services.GetRequiredService<IRequestLog>();
        var addresses = _app.Urls.Order(StringComparer.Ordinal).Select(static u => new Uri(u)).ToList();
        var (http, grpc) = await ProbeAsync(addresses[0]) ? (addresses[0], addresses[1]) : (addresses[1], addresses[0]);
        GrpcAddress = grpc;
        _channel = GrpcChannel.ForAddress(grpc);
        await SeedAsync();
        Http = new HttpClient { BaseAddress = http, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Key) } };
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _channel?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    /// <summary>How long a store may take to say whether a key is known; so long is waited where none answers.</summary>
    protected virtual int KeyLookupTimeoutMs => 10_000;

    protected virtual void AddMore(IServiceCollection services)
    {
    }

    private WebApplication Compose(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SmsCrm:Storage:Postgres"] = database,
            ["SmsCrm:Storage:Redis"] = _redis.ConnectionString,
            ["SmsCrm:Kafka:BootstrapServers"] = _broker!.Address,
            ["SmsCrm:Access:PollMs"] = "200",
            ["SmsCrm:Access:UnknownMs"] = "100",

            // A busy machine is no store that is away.
            ["SmsCrm:Access:LookupTimeoutMs"] = "30000",
            ["SmsCrm:Ingest:KeyLookupTimeoutMs"] = string.Create(CultureInfo.InvariantCulture, $"{KeyLookupTimeoutMs}"),
            ["SmsCrm:Ingest:CommitTimeoutMs"] = "60000",
            ["SmsCrm:Kafka:DeliveryTimeoutMs"] = "60000",
            ["SmsCrm:Storage:RedisTimeoutMs"] = "10000",
            ["SmsCrm:Links:BaseUrl"] = "https://go.example.com",
            ["SmsCrm:Provider:PublicBaseUrl"] = "https://sms.example.com",
        });
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = Listeners.MaxBodyBytes;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddStreams(builder.Configuration);
        builder.Services.AddLedger();
        builder.Services.AddSingleton<KafkaRequestLog>();
        builder.Services.AddSingleton<IRequestLog>(static services => new RequestLogSpy(services.GetRequiredService<KafkaRequestLog>()));
        builder.Services.AddProvider();
        builder.Services.AddLinks();
        builder.Services.AddIngest();
        builder.Services.AddAccess();
        builder.Services.AddProblems();
        builder.Services.AddRestJson();
        builder.Services.AddApiDocument();
        builder.Services.AddMessageIngest();
        AddMore(builder.Services);
        var app = builder.Build();
        app.UseProblems();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapMessageIngest();
        app.MapIngestEndpoints();
        app.MapLinks();
        app.MapApiDocument();
        return app;
    }

    /// <summary>Whether HTTP/1.1 is spoken there: the other of two ports drawn by the system speaks HTTP/2.</summary>
    private static async Task<bool> ProbeAsync(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        try
        {
            using var answer = await client.GetAsync("/");
            return answer.Version.Major == 1 && answer.StatusCode == System.Net.HttpStatusCode.NotFound;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>How many messages the ledger has.</summary>
    public async Task<long> RowsAsync()
    {
        await using var count = Database.CreateCommand("SELECT count(*) FROM messages");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task SeedAsync()
    {
        await using var insert = Database.CreateCommand("INSERT INTO tenants (id, name) VALUES ($1, 'Tests')");
        insert.Parameters.Add(new() { Value = Tenant.Value });
        await insert.ExecuteNonQueryAsync();
        Key = await NewKeyAsync(Tenant);
        OperatorKey = await NewKeyAsync(null);
        RevokedKey = await NewKeyAsync(Tenant);
        await Keys.RevokeAsync(RevokedKey[..15], CancellationToken.None);
    }

    internal async Task<string> NewKeyAsync(TenantId? tenant) =>
        ((CreateKeyOutcome.Created)await Keys.CreateAsync(tenant, "test", CancellationToken.None)).Key;
}
