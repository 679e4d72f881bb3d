using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmsCrm.Contracts;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.IntegrationTests.Server;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Server.Hosting;
using SmsCrm.Server.Roles;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.LocalBrokers;
using SmsCrm.Streams.Reading;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>
/// What the provider calls, in this process and behind a proxy (it is known as <see cref="PublicAddress"/>), with the consumer of <c>sms.events</c> and
/// what tenants read; one tenant with an account and a sender.
/// </summary>
public sealed class TwilioServer(PostgresFixture postgres) : IAsyncLifetime
{
    public const string PublicAddress = "https://sms.example.com/crm";
    public const string Token = "the account's token";
    public const string AccountSid = "AC00000000000000000000000000000001";
    public const string Sender = "+12025550101";

    private const ServerRoles Roles = ServerRoles.Ingest | ServerRoles.Record | ServerRoles.Crm;
    private readonly RedisFixture _redis = new();
    private readonly int _port = PrivatePorts.Next();
    private EmbeddedBroker? _broker;
    private string _database = "";
    private WebApplication? _app;
    private LedgerBench? _bench;

    internal LedgerBench Bench => _bench!;

    internal EmbeddedBroker Broker => _broker!;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1 })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    public string Key { get; private set; } = "";

    public string OtherKey { get; private set; } = "";

    public Guid Account { get; private set; }

    public Guid SenderId { get; private set; }

    internal TenantId Tenant => Bench.Tenant;

    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        await _redis.InitializeAsync();
        _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Port = PrivatePorts.Next(), Topics = [] });
        foreach (var topic in Topics.All)
        {
            _broker.CreateTopic(topic, 2);
        }

        _database = await postgres.CreateMigratedDatabaseAsync();
        _bench = new LedgerBench(_database);
        _app = ServerHost.Build(
            ServerHost.Compose(Roles, new Dictionary<string, string?>
            {
                ["SmsCrm:Storage:Postgres"] = _database,
                ["SmsCrm:Storage:Redis"] = _redis.ConnectionString,
                ["SmsCrm:Kafka:BootstrapServers"] = _broker.Address,
                ["SmsCrm:Provider:PublicBaseUrl"] = PublicAddress,
                ["SmsCrm:Server:HttpPort"] = Text(_port),
                ["SmsCrm:Server:GrpcPort"] = Text(PrivatePorts.Next()),
                ["SmsCrm:Server:MetricsPort"] = Text(PrivatePorts.Next()),
                ["Logging:LogLevel:Default"] = "None",
            }),
            Roles);
        await _app.StartAsync();
        Http.BaseAddress = new Uri($"http://127.0.0.1:{Text(_port)}");
        await SeedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_bench is not null)
        {
            await _bench.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    /// <summary>Signed as the provider signs it, over the address that it knows us by.</summary>
    public static string Sign(string pathAndQuery, IEnumerable<KeyValuePair<string, string>> fields, string token = Token) =>
        Sign(pathAndQuery, fields.Select(field => KeyValuePair.Create(field.Key, Encoding.UTF8.GetBytes(field.Value))), token);

    /// <summary>The same of values that need be no UTF-8.</summary>
    public static string Sign(string pathAndQuery, IEnumerable<KeyValuePair<string, byte[]>> fields, string token = Token)
    {
        byte[] signed =
        [
            .. Encoding.UTF8.GetBytes(PublicAddress + pathAndQuery),
            .. fields.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => (byte[])[.. Encoding.UTF8.GetBytes(f.Key), .. f.Value]),
        ];
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), signed));
    }

    /// <returns>The answer's status and body.</returns>
    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string pathAndQuery, HttpContent content, params string[] signatures)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Http.BaseAddress!, pathAndQuery)) { Content = content };
        foreach (var signature in signatures)
        {
            request.Headers.TryAddWithoutValidation("X-Twilio-Signature", signature);
        }

        using var answer = await Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    internal static string StatusPath(TenantId tenant, MessageId message) =>
        StatusCallbackUrl.For("", tenant, message, 1).Split('#')[0];

    internal static Dictionary<string, string> StatusForm(ProviderSid sid, string status, PhoneNumber? to = null) => new()
    {
        ["AccountSid"] = AccountSid,
        ["ApiVersion"] = "2010-04-01",
        ["From"] = Sender,
        ["MessageSid"] = sid.ToString(),
        ["MessageStatus"] = status,
        ["SmsSid"] = sid.ToString(),
        ["SmsStatus"] = status,
        ["To"] = (to ?? new PhoneNumber(14155550123)).ToString(),
    };

    internal async Task<HttpStatusCode> CallBackAsync(MessageId message, Dictionary<string, string> form, string token = Token)
    {
        var path = StatusPath(Tenant, message);
        using var content = new FormUrlEncodedContent(form);
        return (await PostAsync(path, content, Sign(path, form, token))).Status;
    }

    /// <summary>A recipient's text, signed; ends with our answer.</summary>
    public async Task<(HttpStatusCode Status, string Body)> WriteAsync(string from, string body, string? sid = null, string to = Sender, string? optOutType = null)
    {
        var form = new Dictionary<string, string>
        {
            ["AccountSid"] = AccountSid,
            ["Body"] = body,
            ["From"] = from,
            ["MessageSid"] = sid ?? NewSid(),
            ["NumMedia"] = "0",
            ["To"] = to,
        };
        if (optOutType is not null)
        {
            form["OptOutType"] = optOutType;
        }

        using var content = new FormUrlEncodedContent(form);
        return await PostAsync("/twilio/inbound", content, Sign("/twilio/inbound", form));
    }

    public static string NewSid() => "SM" + Guid.CreateVersion7().ToString("N");

    /// <summary>A REST call with a tenant's key.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Http.BaseAddress!, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        using var read = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return (answer.StatusCode, read.RootElement.Clone());
    }

    /// <summary>Everything that a call could change, as one text: what is in Kafka, and every row of the ledger, the opt-outs and the texts.</summary>
    public async Task<string> StateAsync()
    {
        var topics = await Get<TopicReader>().ReadAsync(Topics.All, static (_, _) => Task.CompletedTask, CancellationToken.None);
        var tables = new[] { "messages", "message_events", "recipients", "consent_records", "inbound_texts", "inbound_reviews" };
        var state = new StringBuilder(string.Join(' ', topics.Select(p => $"{p.Topic}[{p.Partition}]={p.End}")));
        foreach (var table in tables)
        {
            state.Append('\n').Append(table).Append(' ').Append(await Bench.ScalarAsync<string>(
                $"SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"));
        }

        return state.ToString();
    }

    /// <summary>A message that the provider took.</summary>
    internal async Task<(MessageId Message, ProviderSid Sid)> TakenAsync()
    {
        var message = Bench.NewMessage();
        var claimed = await Bench.ClaimAsync(message, RowFacts.NoRow);
        var sid = LedgerBench.NewSid();
        await Bench.RecordAsync(message, claimed.Row, new ClaimOutcome.Taken(sid));
        return (message.Id, sid);
    }

    internal Task StateIsAsync(MessageId message, MessageState state) => Eventually.EqualAsync(
        state, async () => (await Bench.Ledger.ReadAsync([message], default)).GetValueOrDefault(message, RowFacts.NoRow).State);

    internal Task<bool> IsSuppressedAsync(PhoneNumber number) => Bench.ScalarAsync<bool>(
        $"SELECT suppressed_at IS NOT NULL AND (lifted_at IS NULL OR lifted_at < suppressed_at) FROM recipients WHERE number = {number.Digits}");

    /// <summary>While the action runs nobody gets into the server's database, and whoever was in is thrown out.</summary>
    internal async Task WithoutPostgresAsync(Func<Task> action)
    {
        var database = new NpgsqlConnectionStringBuilder(_database);
        await using var another = NpgsqlDataSource.Create((await postgres.ServerAsync()).ConnectionStringTo("postgres"));
        await RunAsync($"ALTER DATABASE {database.Database} ALLOW_CONNECTIONS false");
        await RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.Database}'");
        try
        {
            await action();
        }
        finally
        {
            await RunAsync($"ALTER DATABASE {database.Database} ALLOW_CONNECTIONS true");

            // The tests' own sessions are broken too, and nobody would try again.
            Bench.Postgres.Clear();
        }

        async Task RunAsync(string sql)
        {
            await using var command = another.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Every record of sms.events has been applied, or has gone to the dead letters.</summary>
    public async Task ConsumedAsync()
    {
        using var lag = ActivatorUtilities.CreateInstance<GroupLag>(_app!.Services);
        await Eventually.TrueAsync(async () => await Task.Run(() => lag.Read("smscrm." + ReceiptsServices.Consumer, [Topics.Events])) == 0);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task SeedAsync()
    {
        Key = await Get<ApiKeys>().KeyOfNewAsync(Bench.Postgres, Tenant, "one");
        OtherKey = await Get<ApiKeys>().KeyOfNewAsync(Bench.Postgres, new TenantId(Guid.CreateVersion7()), "other");
        Account = Assert.IsType<SettingsOutcome<Account>.Done>(await Get<AccountStore>().CreateAsync(
            Tenant, new AccountSettings("Main", AccountSid) { AuthToken = Token, BaseAddress = "http://127.0.0.1:1" }, "test", default)).Value.Id;
        SenderId = Assert.IsType<SettingsOutcome<SenderInfo>.Done>(await Get<SenderStore>().CreateAsync(
            Tenant, new SenderSettings(Account, Sender, SenderKind.LongCode), "test", default)).Value.Id;
        await Get<ProviderDirectory>().RefreshAsync(default);
    }
}
