using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Access;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Hosting;
using SmsCrm.Server.Roles;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>The server in the role crm, in this process, as <c>serve</c> puts it together, on a database of its own with a tenant and its key.</summary>
public sealed class CrmServer(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly (int Http, int Grpc, int Metrics) _ports = (PrivatePorts.Next(), PrivatePorts.Next(), PrivatePorts.Next());
    private readonly List<GrpcChannel> _channels = [];
    private readonly HttpClient _http = new();
    private WebApplication? _app;
    private LedgerBench? _bench;

    /// <summary>The ledger of <see cref="TenantKey"/>'s tenant.</summary>
    internal LedgerBench Bench => _bench!;

    /// <summary>The day in UTC at the start, on which all messages of <see cref="Bench"/> are accepted: a line of a report is not two at midnight.</summary>
    public DateOnly Today { get; } = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public string TenantKey { get; private set; } = "";

    public string OtherTenantKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var database = await postgres.CreateMigratedDatabaseAsync();
        _bench = new LedgerBench(database) { Day = Today };
        _app = ServerHost.Build(
            ServerHost.Compose(ServerRoles.Crm, new Dictionary<string, string?>
            {
                ["SmsCrm:Storage:Postgres"] = database,
                ["SmsCrm:Server:HttpPort"] = Text(_ports.Http),
                ["SmsCrm:Server:GrpcPort"] = Text(_ports.Grpc),
                ["SmsCrm:Server:MetricsPort"] = Text(_ports.Metrics),
                ["SmsCrm:Watch:BufferedEvents"] = "100",
                ["SmsCrm:Webhooks:AllowedNetworks:0"] = "127.0.0.1/32",
                ["SmsCrm:Webhooks:PollMs"] = "50",
                ["Logging:LogLevel:Default"] = "None",
            }),
            ServerRoles.Crm);
        await _app.StartAsync();
        TenantKey = await Get<ApiKeys>().KeyOfNewAsync(Bench.Postgres, _bench.Tenant, "one");
        OtherTenantKey = await Get<ApiKeys>().KeyOfNewAsync(Bench.Postgres, new TenantId(Guid.CreateVersion7()), "other");
    }

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        _http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_bench is not null)
        {
            await _bench.DisposeAsync();
        }
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path, string? key = null) => GetAsync(_ports.Http, path, key ?? TenantKey);

    /// <param name="body">JSON; null: none.</param>
    public async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{Text(_ports.Http)}{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? TenantKey);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        using var read = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return (answer.StatusCode, read.RootElement.Clone());
    }

    public async Task<string> OperatorKeyAsync(string name = "operator") =>
        Assert.IsType<CreateKeyOutcome.Created>(await Get<ApiKeys>().CreateAsync(null, name, default)).Key;

    public Task<(HttpStatusCode Status, JsonElement Body)> GetHealthAsync(string path) => GetAsync(_ports.Metrics, path, key: null);

    public async Task<HttpResponseMessage> GetRawAsync(int port, string path, string? host = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Text(port)}{path}");
        request.Headers.Host = host;
        return await http.SendAsync(request);
    }

    /// <summary>The answer as soon as its head is there, for what streams; headers in pairs.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, string? key = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Text(_ports.Http)}{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? TenantKey);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public int HttpPort => _ports.Http;

    public int MetricsPort => _ports.Metrics;

    public AsyncServerStreamingCall<MessageEvent> Watch(WatchRequest request, string? key = null)
    {
        var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{Text(_ports.Grpc)}");
        _channels.Add(channel);
        return new MessageIngest.MessageIngestClient(channel).Watch(request, new Metadata { { "authorization", $"Bearer {key ?? TenantKey}" } });
    }

    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(int port, string path, string? key)
    {
        using var http = new HttpClient();
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var answer = await http.GetAsync($"http://127.0.0.1:{Text(port)}{path}");
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode, body.RootElement.Clone());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
