using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Suppression;
using SmsCrm.Storage;
using SmsCrm.Streams;
using SmsCrm.TestKit;
using Purpose = SmsCrm.Pipeline.Messages.Purpose;

namespace SmsCrm.IntegrationTests.SendPipeline;

/// <summary>
/// The send role as a process has it, on real Postgres and Redis, with a fake provider and no Kafka: a test hands requests to the
/// pipeline itself. One tenant with one account and one sender, unless a test adds more.
/// </summary>
internal sealed class SendBench : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly NpgsqlDataSource _database;
    private static long _number = 14_155_550_000;

    private SendBench(IHost host, FakeProvider provider)
    {
        _host = host;
        Provider = provider;
        _database = host.Services.GetRequiredService<NpgsqlDataSource>();
    }

    public FakeProvider Provider { get; }

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public Guid Account { get; } = Guid.CreateVersion7();

    /// <summary>Why a record was put among the dead letters.</summary>
    public ConcurrentDictionary<MessageId, string> DeadLetters { get; } = new();

    public PipelineHold Hold => Get<PipelineHold>();

    public static async Task<SendBench> StartAsync(
        DatabaseFixture database, RedisFixture redis, int segmentsPerSecond = 10_000, params (string Name, string Value)[] settings)
    {
        var provider = new FakeProvider();
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // Its own: a releaser gives out whatever waits in its database.
            ["SmsCrm:Storage:Postgres"] = await database.CreateAnotherAsync(),
            ["SmsCrm:Storage:Redis"] = redis.ConnectionString,
            ["SmsCrm:Kafka:BootstrapServers"] = "127.0.0.1:1",
            ["SmsCrm:Waiting:ReleaseMs"] = "20",
            ["SmsCrm:Waiting:ScanMs"] = "50",

            // However slow the machine is, nobody but the test judges a claim.
            ["SmsCrm:Reconciliation:ClaimAgeSeconds"] = "3600",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddStreams(builder.Configuration);
        builder.Services.AddLedger();
        builder.Services.AddSingleton<ISmsProvider>(provider);
        builder.Services.AddProvider();
        builder.Services.AddSendPipeline();
        var bench = new SendBench(builder.Build(), provider);
        await bench.AddTenantAsync(bench.Tenant, bench.Account);
        await bench.AddSenderAsync("+12025550101", segmentsPerSecond);
        await bench._host.StartAsync();
        return bench;
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>A request as Kafka would bring it. Each has a recipient of its own.</summary>
    public RequestRecord NewRequest(Purpose purpose = Purpose.Transactional, string campaign = "") => new()
    {
        MessageId = ByteString.CopyFrom(new MessageId(Guid.CreateVersion7()).ToBytes()),
        TenantId = ByteString.CopyFrom(Tenant.ToBytes()),
        Recipient = (ulong)Interlocked.Increment(ref _number),
        Country = "US",
        Purpose = (Contracts.V1.Purpose)purpose,
        Body = "Hello",
        Segments = 1,
        CampaignId = campaign,
        RequestHash = ByteString.CopyFrom(new byte[32]),
    };

    public RequestRecord NewRequestOf(TenantId tenant)
    {
        var request = NewRequest();
        request.TenantId = ByteString.CopyFrom(tenant.ToBytes());
        return request;
    }

    public RequestRecord[] NewRequests(int count, Purpose purpose = Purpose.Transactional, string campaign = "") =>
        [.. Enumerable.Range(0, count).Select(_ => NewRequest(purpose, campaign))];

    /// <summary>Hands a batch to the pipeline, as the consumer would; the items tell when they are settled.</summary>
    public async Task<SendItem[]> SendAsync(params RequestRecord[] requests)
    {
        SendItem[] items =
        [
            .. requests.Select(request => new SendItem(AcceptedMessage.From(request, request.ToByteArray()), request, static () => { })
            {
                DeadLetter = (why, _) =>
                {
                    DeadLetters[IdOf(request)] = why;
                    return Task.CompletedTask;
                },
            }),
        ];
        await Get<SmsCrm.Pipeline.SendPipeline>().RunAsync(items, CancellationToken.None);
        return items;
    }

    /// <summary>Only their queued rows, as ingest writes them where the broker is not durable.</summary>
    public Task EnqueueAsync(params RequestRecord[] requests) => Get<IMessageLedger>()
        .EnqueueAsync([.. requests.Select(request => AcceptedMessage.From(request, request.ToByteArray()))], CancellationToken.None);

    public async Task<RowFacts> RowAsync(RequestRecord request) => await RowAsync(IdOf(request));

    public async Task<RowFacts> RowAsync(MessageId id) =>
        (await Get<IMessageLedger>().ReadAsync([id], CancellationToken.None)).TryGetValue(id, out var row) ? row : RowFacts.NoRow;

    public async Task<MessageState> StateAsync(RequestRecord request) => (await RowAsync(request)).State;

    /// <summary>How many of the requests are in that state.</summary>
    public async Task<int> CountAsync(IEnumerable<RequestRecord> requests, MessageState state)
    {
        var rows = await Get<IMessageLedger>().ReadAsync([.. requests.Select(IdOf)], CancellationToken.None);
        return rows.Values.Count(row => row.State == state);
    }

    public async Task<string?> VerdictAsync(RequestRecord request) =>
        (string?)await ScalarAsync("SELECT verdict FROM messages WHERE id = $1", IdOf(request).Value);

    /// <summary>What happened to it, in its order.</summary>
    public async Task<List<(EventKind Kind, Reason Reason)>> EventsAsync(RequestRecord request)
    {
        var events = new List<(EventKind, Reason)>();
        await using var command = _database.CreateCommand("SELECT kind, reason FROM message_events WHERE message_id = $1 ORDER BY version");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = IdOf(request).Value });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            events.Add(((EventKind)reader.GetInt16(0), (Reason)reader.GetInt16(1)));
        }

        return events;
    }

    /// <summary>What the timeline's newest line says.</summary>
    public async Task<string?> LastDetailAsync(RequestRecord request) =>
        (string?)await ScalarAsync("SELECT detail FROM message_events WHERE message_id = $1 ORDER BY version DESC LIMIT 1", IdOf(request).Value);

    public Task SuppressAsync(RequestRecord request) => Get<SuppressionList>()
        .SuppressAsync(Tenant, new PhoneNumber((long)request.Recipient), new RecipientChange("test", "test"), CancellationToken.None);

    public Task SetTenantStateAsync(string state) => ChangeSettingsAsync("UPDATE tenants SET state = $1 WHERE id = $2", state, Tenant.Value);

    public Task<Guid> AddSenderAsync(string address, int segmentsPerSecond, string pool = "default") =>
        AddSenderAsync(Tenant, Account, address, segmentsPerSecond, pool);

    private async Task<Guid> AddSenderAsync(TenantId tenant, Guid account, string address, int segmentsPerSecond, string pool)
    {
        var id = Guid.CreateVersion7();
        await ChangeSettingsAsync(
            "INSERT INTO senders (id, tenant_id, account_id, address, kind, segments_per_second, pool) VALUES ($1, $2, $3, $4, 'short_code', $5, $6)",
            id, tenant.Value, account, address, segmentsPerSecond, pool);
        return id;
    }

    public async Task<object?> ScalarAsync(string sql, params object[] parameters)
    {
        await using var command = _database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _host.StopAsync(deadline.Token);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }
    }

    public static MessageId IdOf(RequestRecord request) =>
        MessageId.TryRead(request.MessageId.Span, out var id) ? id : throw new FormatException("no id");

    public static Timestamp In(TimeSpan time) => Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow() + time);

    /// <summary>A tenant with an account and a sender of its own.</summary>
    public async Task<(TenantId Tenant, Guid Account)> AddAnotherTenantAsync()
    {
        var (tenant, account) = (new TenantId(Guid.CreateVersion7()), Guid.CreateVersion7());
        await AddTenantAsync(tenant, account);
        await AddSenderAsync(tenant, account, "+12025550102", 10_000, "default");
        return (tenant, account);
    }

    public Task PauseCampaignAsync(string campaign) => ChangeSettingsAsync(
        "INSERT INTO campaigns (tenant_id, id, state) VALUES ($1, $2, 'paused')", Tenant.Value, campaign);

    private async Task AddTenantAsync(TenantId tenant, Guid account)
    {
        var seal = new SecretSeal(Options.Create(new ProviderOptions()));
        await ChangeSettingsAsync(
            "INSERT INTO tenants (id, name, segments_per_second) VALUES ($1, $2, 100000)", tenant.Value, tenant.ToString());

        // At any hour, and without consent on record: these tests are about the way, not about the rules.
        await ChangeSettingsAsync(
            "INSERT INTO gate_settings (tenant_id, settings) VALUES ($1, '{\"gates_off\": [\"consent\", \"quiet_hours\", \"content\"]}')", tenant.Value);
        await ChangeSettingsAsync(
            """
            INSERT INTO provider_accounts (id, tenant_id, name, account_sid, auth_token_sealed, base_address, segments_per_second, max_concurrency)
            VALUES ($1, $2, 'main', $3, $4, 'http://127.0.0.1:1', 100000, 64)
            """,
            account, tenant.Value, $"AC{account:N}", seal.Seal("secret", account));
    }

    private async Task ChangeSettingsAsync(string sql, params object[] parameters)
    {
        await ScalarAsync(sql, parameters);
        await ScalarAsync("UPDATE settings_version SET version = version + 1");
    }
}
