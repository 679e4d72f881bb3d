using System.Globalization;

namespace SmsCrm.Server.Local;

/// <summary>One Apache Kafka node (KRaft) from an unpacked distribution, with settings that start fast, also after a kill.</summary>
internal sealed class KafkaNode(string kafkaHome, string folder, int port, int controllerPort)
{
    public const string Missing = "KAFKA_HOME must name an unpacked Apache Kafka (with bin/kafka-server-start.sh)";

    private string PropertiesFile => Path.Combine(folder, "server.properties");

    /// <summary>Writes the settings, and on the first start formats the log folder (1 to 2 s).</summary>
    /// <exception cref="LocalServerException">KAFKA_HOME is wrong, or Kafka's own tool refused.</exception>
    public async Task FormatAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(kafkaHome, "bin", "kafka-server-start.sh")))
        {
            throw new LocalServerException($"{Missing}; it is '{kafkaHome}'");
        }

        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(PropertiesFile, Properties(), cancellationToken).ConfigureAwait(false);
        if (File.Exists(Path.Combine(folder, "data", "meta.properties")))
        {
            return;
        }

        var id = await ToolAsync(["random-uuid"], cancellationToken).ConfigureAwait(false);
        await ToolAsync(["format", "-t", id.Split('\n').Last(), "-c", PropertiesFile], cancellationToken).ConfigureAwait(false);
    }

    public ChildProcessOptions Server(string logFile, string pidFile) =>
        new("kafka", Path.Combine(kafkaHome, "bin", "kafka-server-start.sh"), [PropertiesFile], PropertiesFile, logFile, pidFile)
        {
            Environment = Environment(),
        };

    private async Task<string> ToolAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var result = await SystemProgram.RunAsync(
            Path.Combine(kafkaHome, "bin", "kafka-storage.sh"),
            arguments,
            TimeSpan.FromSeconds(60),
            environment: Environment(),
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return result.Succeeded
            ? result.Output
            : throw new LocalServerException($"kafka-storage.sh {arguments[0]} failed (Kafka needs Java 17): {result.Output}");
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["LOG_DIR"] = Path.Combine(folder, "logs"),
        ["KAFKA_HEAP_OPTS"] = "-Xms256m -Xmx512m",
    };

    private string Properties() => string.Create(CultureInfo.InvariantCulture, $"""
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:{controllerPort}
        listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port}
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs={Path.Combine(folder, "data")}
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=8
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        group.initial.rebalance.delay.ms=0
        # A broker that was killed waits its old session out before it serves again.
        broker.session.timeout.ms=1500
        broker.heartbeat.interval.ms=300

        """);
}
