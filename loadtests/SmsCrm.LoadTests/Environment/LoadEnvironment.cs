using System.Net.Http.Json;
using System.Text.Json;
using SmsCrm.LoadTests.Measuring;
using SmsCrm.Server.Local;
using SmsCrm.TwilioSimulator;

namespace SmsCrm.LoadTests.Environment;

/// <summary>
/// A whole system of its own on private ports, with a tenant whose rates are twice the target, so that pacing is paid for and never
/// the limit. Removed with its data at the end.
/// </summary>
internal sealed class LoadEnvironment : IAsyncDisposable
{
    /// <summary>Below the ephemeral range, away from the defaults of <c>run</c> and from the tests' range.</summary>
    private const int FirstPort = 18_600;

    private readonly LocalSystem _system;
    private readonly string _folder;

    private LoadEnvironment(LocalSystem system, string folder, LoadTenant tenant) =>
        (_system, _folder, Tenant) = (system, folder, tenant);

    public LoadTenant Tenant { get; }

    public Uri GrpcAddress => _system.GrpcAddress;

    public Uri HttpAddress => _system.HttpAddress;

    public string PostgresConnectionString => _system.PostgresConnectionString;

    /// <param name="roles">Of the server.</param>
    /// <param name="rate">Messages a second of the run; the tenant, its account and its senders get twice that.</param>
    public static async Task<LoadEnvironment> StartAsync(
        KafkaKind kafka, string roles, int rate, IProgress<string> report, CancellationToken cancellation)
    {
        // A folder that the postgres user can enter, whatever lies above the checkout.
        var folder = Path.Combine(Path.GetTempPath(), "smscrm-load");
        Remove(folder);
        var system = await LocalSystem.StartAsync(
            new LocalSystemOptions(folder, new ServerProgram(typeof(LocalSystem).Assembly.Location))
            {
                Ports = Ports(),
                Kafka = kafka,
                Roles = roles,
                CacheFolder = Path.Combine(Directory.GetCurrentDirectory(), ".local", "cache"),
                Settings = new Dictionary<string, string>
                {
                    ["SmsCrm__Seed__DemoKeyFile"] = Path.Combine(folder, "demo-key"),
                    // A line for each message would be measured too.
                    ["Logging__LogLevel__Default"] = "Warning",
                },
            },
            report,
            cancellation);
        try
        {
            await SetKnobsAsync(system, cancellation);
            return new LoadEnvironment(system, folder, await LoadTenant.CreateAsync(system, new LoadTenantSettings("Load", 2 * rate), cancellation));
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another tenant beside the one that is measured.</summary>
    public Task<LoadTenant> AddTenantAsync(LoadTenantSettings settings, CancellationToken cancellation) => LoadTenant.CreateAsync(_system, settings, cancellation);

    /// <summary>An account of its own at the simulator, of which every create hangs for 30 s.</summary>
    public async Task<SimulatedAccount> AddHangingAccountAsync(CancellationToken cancellation)
    {
        var account = new SimulatedAccount("AC" + new string('f', 32), "hangs-not-a-secret");
        using var http = new HttpClient { BaseAddress = _system.SimulatorAddress };
        await PutAsync(http, $"/_control/accounts/{account.Sid}", new { authToken = account.AuthToken }, cancellation);
        await PutAsync(http, $"/_control/accounts/{account.Sid}/knobs", new { hold = new { beforeTakenRate = 1, forMs = 30_000 } }, cancellation);
        return account;
    }

    /// <summary>The processes whose CPU a message costs; the load's own is listed with them.</summary>
    public CpuByProcess Cpu() => new([.. new (string Name, int? Pid)[]
    {
        ("server", _system.Server?.Id),
        ("simulator", _system.Simulator?.Id),
        ("kafka", _system.Kafka.ProcessId),
        ("redis", _system.Redis?.ProcessId),
        ("postgres", _system.Postgres?.ProcessId),
        ("load", System.Environment.ProcessId),
    }.Where(process => process.Pid is > 0).Select(process => (process.Name, process.Pid!.Value))]);

    /// <summary>Texts that the provider took more than once for one message id, and all that it took, by its own ledger.</summary>
    public async Task<(long Taken, long Twice)> ProviderCountsAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = _system.SimulatorAddress };
        var counts = await http.GetFromJsonAsync<JsonElement>("/_control/counts", cancellation);
        return (counts.GetProperty("taken").GetInt64(), counts.GetProperty("duplicatesByMessageId").GetProperty("count").GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        Remove(_folder);
    }

    /// <summary>Twilio's own rates and concurrency would be the limit; what is measured is ours.</summary>
    private static async Task SetKnobsAsync(LocalSystem system, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = system.SimulatorAddress };
        await PutAsync(
            http, "/_control/knobs", new { limits = new { concurrentRequests = 0 }, rates = new { shortCode = 1_000_000 } }, cancellation);
    }

    private static async Task PutAsync<T>(HttpClient http, string path, T body, CancellationToken cancellation)
    {
        using var answer = await http.PutAsJsonAsync(path, body, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The simulator refused {path}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LocalPorts Ports() => LocalPorts.From(FirstPort);
}
