using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
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
    private readonly ServiceProvider _services;
    private readonly Dictionary<string, ChildProcess> _children = [];

    private LoadEnvironment(LocalSystem system, string folder, ServiceProvider services, LoadTenant tenant) =>
        (_system, _folder, _services, Tenant) = (system, folder, services, tenant);

    public LoadTenant Tenant { get; }

    /// <summary>The product's stores on this system's servers.</summary>
    public IServiceProvider Services => _services;

    public Uri GrpcAddress => _system.GrpcAddress;

    public Uri HttpAddress => _system.HttpAddress;

    public Uri MetricsAddress => _system.MetricsAddress;

    public string PostgresConnectionString => _system.PostgresConnectionString;

    /// <param name="roles">Of the server.</param>
    /// <param name="rate">Messages a second of the run; the tenant, its account and its senders get twice that.</param>
    /// <param name="settings">Further ones of the product, by their environment names.</param>
    public static async Task<LoadEnvironment> StartAsync(
        KafkaKind kafka, string roles, int rate, IProgress<string> report, CancellationToken cancellation, params (string Name, string Value)[] settings)
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
                Settings = new Dictionary<string, string>(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)))
                {
                    ["SmsCrm__Seed__DemoKeyFile"] = Path.Combine(folder, "demo-key"),
                    // A line for each message would be measured too.
                    ["Logging__LogLevel__Default"] = "Warning",
                },
            },
            report,
            cancellation);
        var services = LoadServices.For(system);
        try
        {
            await SetKnobsAsync(system, cancellation);
            var tenant = await LoadTenant.CreateAsync(system, services, new LoadTenantSettings("Load", 2 * rate), cancellation);
            return new LoadEnvironment(system, folder, services, tenant);
        }
        catch
        {
            await services.DisposeAsync();
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another tenant beside the one that is measured.</summary>
    public Task<LoadTenant> AddTenantAsync(LoadTenantSettings settings, CancellationToken cancellation) =>
        LoadTenant.CreateAsync(_system, _services, settings, cancellation);

    /// <summary>Starts this very program as a process of its own, whose CPU is told apart under its name; it ends with the system.</summary>
    public async Task<ChildProcess> StartChildAsync(string name, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var program = ServerProgram.Running;
        return _children[name] = await ChildProcess.StartAsync(
            new ChildProcessOptions(
                name, program.File, program.Arguments(arguments), program.Path, Path.Combine(_system.LogFolder, name + ".log"), Path.Combine(_folder, name + ".pid")),
            cancellation);
    }

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
    public CpuByProcess Cpu()
    {
        (string Name, int? Pid)[] processes =
        [
            ("server", _system.Server?.Id),
            ("simulator", _system.Simulator?.Id),
            ("kafka", _system.Kafka.ProcessId),
            ("redis", _system.Redis?.ProcessId),
            ("postgres", _system.Postgres?.ProcessId),
            ("load", System.Environment.ProcessId),
            .. _children.Select(child => (child.Key, (int?)child.Value.Id)),
        ];
        return new CpuByProcess([.. processes.Where(process => process.Pid is > 0).Select(process => (process.Name, process.Pid!.Value))]);
    }

    /// <summary>Texts that the provider took more than once for one message id, and all that it took, by its own ledger.</summary>
    public async Task<(long Taken, long Twice)> ProviderCountsAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = _system.SimulatorAddress };
        var counts = await http.GetFromJsonAsync<JsonElement>("/_control/counts", cancellation);
        return (counts.GetProperty("taken").GetInt64(), counts.GetProperty("duplicatesByMessageId").GetProperty("count").GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _system.DisposeAsync();
        foreach (var child in _children.Values)
        {
            await child.DisposeAsync();
        }

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
