using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Compose;

/// <summary>docker-compose.yml without an engine: its syntax by docker-compose itself, and that what it says agrees with what uses it.</summary>
public sealed partial class ComposeFileTests
{
    private static readonly string[] Services = ["kafka", "postgres", "redis"];

    /// <summary>
    /// Broker properties as https://kafka.apache.org/documentation/#brokerconfigs names them; the image turns KAFKA_A_B into a.b, and
    /// ignores what the broker does not know.
    /// </summary>
    private static readonly HashSet<string> BrokerProperties =
    [
        "node.id", "process.roles", "controller.quorum.voters", "listeners", "advertised.listeners", "inter.broker.listener.name",
        "controller.listener.names", "listener.security.protocol.map", "log.dirs", "auto.create.topics.enable",
        "offsets.topic.replication.factor", "transaction.state.log.replication.factor", "transaction.state.log.min.isr",
        "share.coordinator.state.topic.replication.factor", "share.coordinator.state.topic.min.isr", "group.initial.rebalance.delay.ms",
    ];

    private static string File => Path.Combine(Checkout.Root, "docker-compose.yml");

    [Fact]
    public async Task Docker_compose_reads_the_file_and_knows_its_services()
    {
        var services = await ConfigAsync("--services");

        Assert.Equal(Services, services.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Every_service_has_a_health_check_a_named_volume_and_listens_on_loopback_alone()
    {
        var config = await ConfigAsync();
        var volumes = (await ConfigAsync("--volumes")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        foreach (var service in Services)
        {
            var block = Block(config, service);
            Assert.Contains("healthcheck:", block, StringComparison.Ordinal);
            Assert.Contains(volumes, volume => block.Contains($"{volume}:/", StringComparison.Ordinal));
            var published = Published().Matches(block).Select(match => match.Value).ToList();
            Assert.NotEmpty(published);
            Assert.All(published, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Every_setting_of_the_broker_is_a_property_that_it_knows()
    {
        var settings = KafkaSetting().Matches(Block(await ConfigAsync(), "kafka")).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.Contains(setting.ToLowerInvariant().Replace('_', '.'), BrokerProperties));
    }

    [Fact]
    public void The_settings_that_the_file_tells_to_use_are_its_own()
    {
        var text = System.IO.File.ReadAllText(File);
        var postgres = new NpgsqlConnectionStringBuilder(Exported(text, "SmsCrm__Storage__Postgres"));
        var kafka = Exported(text, "SmsCrm__Kafka__BootstrapServers");

        Assert.Contains($"\"{postgres.Host}:{postgres.Port}:5432\"", text, StringComparison.Ordinal);
        Assert.Equal(
            (Value(text, "POSTGRES_USER"), Value(text, "POSTGRES_PASSWORD"), Value(text, "POSTGRES_DB")),
            (postgres.Username, postgres.Password, postgres.Database));
        Assert.Contains($"\"{Exported(text, "SmsCrm__Storage__Redis")}:6379\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"{kafka}:9092\"", text, StringComparison.Ordinal);
        Assert.Contains($"HOST://{kafka},", Value(text, "KAFKA_ADVERTISED_LISTENERS"), StringComparison.Ordinal);
    }

    private static string Exported(string text, string name) => Regex.Match(text, $"export {name}=\"([^\"]+)\"").Groups[1].Value;

    private static string Value(string text, string name) => Regex.Match(text, $"^ *{name}: *(.+)$", RegexOptions.Multiline).Groups[1].Value.Trim('"');

    private static string Block(string config, string service)
    {
        var match = Regex.Match(config, $@"^  {service}:\n(?:    .*\n)+", RegexOptions.Multiline);
        Assert.True(match.Success, $"No service {service} in:\n{config}");
        return match.Value;
    }

    private static async Task<string> ConfigAsync(params string[] arguments)
    {
        var program = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "docker-compose")).FirstOrDefault(System.IO.File.Exists);
        Assert.SkipUnless(program is not null, "docker-compose is not installed (apt-get install --no-install-recommends docker-compose)");
        var start = new ProcessStartInfo(program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-f", File, "config" }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return await output + "\n";
    }

    [GeneratedRegex(@"[0-9.]*:?\d+:\d+/tcp")]
    private static partial Regex Published();

    [GeneratedRegex(@"KAFKA_([A-Z_]+):")]
    private static partial Regex KafkaSetting();
}
