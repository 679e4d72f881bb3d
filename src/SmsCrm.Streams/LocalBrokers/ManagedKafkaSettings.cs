using System.Globalization;

namespace SmsCrm.Streams.LocalBrokers;

/// <summary>The broker's settings: one node, few internal partitions, and short waits after a start.</summary>
internal static class ManagedKafkaSettings
{
    public static string For(ManagedKafkaOptions options, string dataFolder) => string.Create(CultureInfo.InvariantCulture, $"""
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:{options.ControllerPort}
        listeners=PLAINTEXT://127.0.0.1:{options.Port},CONTROLLER://127.0.0.1:{options.ControllerPort}
        advertised.listeners=PLAINTEXT://127.0.0.1:{options.Port}
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs={dataFolder}
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=8
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        group.initial.rebalance.delay.ms=0
        # With the default (9 s) a broker that was killed waits these 9 s out before it serves again.
        broker.session.timeout.ms=1500
        broker.heartbeat.interval.ms=300

        """);
}
