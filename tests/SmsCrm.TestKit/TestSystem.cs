using SmsCrm.Server.Local;
using Xunit;

namespace SmsCrm.TestKit;

/// <summary>Starts the whole system (real processes, see <see cref="LocalSystem"/>) on private ports in a folder of the test run.</summary>
public static class TestSystem
{
    /// <summary>Migrated, topics made, seeded, simulator and server up. Dispose it: a test that doesn't leaves it to the next run's sweep.</summary>
    public static async Task<LocalSystem> StartAsync(
        KafkaKind kafka, IReadOnlyDictionary<string, string>? settings = null, string roles = "all")
    {
        var options = await NewOptionsAsync(kafka);
        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>());
        all.TryAdd("SmsCrm__Seed__DemoKeyFile", Path.Combine(options.Folder, "demo-key"));
        return await LocalSystem.StartAsync(options with { Settings = all, Roles = roles }, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>A folder of the test run and private ports.</summary>
    public static async Task<LocalSystemOptions> NewOptionsAsync(KafkaKind kafka) =>
        new(await RunFolder.NewAsync("system"), new ServerProgram(Checkout.ServerProgram))
        {
            Kafka = kafka,
            Ports = NewPorts(),
            CacheFolder = Checkout.CacheFolder,
        };

    private static LocalPorts NewPorts() => new()
    {
        Http = PrivatePorts.Next(),
        Grpc = PrivatePorts.Next(),
        Metrics = PrivatePorts.Next(),
        Simulator = PrivatePorts.Next(),
        Postgres = PrivatePorts.Next(),
        Redis = PrivatePorts.Next(),
        Kafka = PrivatePorts.Next(),
        KafkaController = PrivatePorts.Next(),
    };
}
