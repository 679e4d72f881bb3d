using System.Reflection;
using System.Runtime.InteropServices;

namespace SmsCrm.Streams.LocalBrokers;

/// <summary>
/// The part of librdkafka's C interface that runs its mock cluster (<c>rdkafka_mock.h</c>). Confluent.Kafka ships three builds
/// of the library, of which only some load on a given system: the first that does is taken.
/// </summary>
internal static partial class RdKafkaMock
{
    private const string Library = "smscrm-librdkafka";
    private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];
    private static readonly Lazy<nint> Handle = new(Load);

    static RdKafkaMock() => NativeLibrary.SetDllImportResolver(typeof(RdKafkaMock).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint ConfNew();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ConfSet(nint conf, string name, string value, Span<byte> error, nuint errorSize);

    /// <summary>Takes the ownership of <paramref name="conf"/> when it succeeds.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    public static partial nint New(int type, nint conf, Span<byte> error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    public static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial nint ClusterNew(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void ClusterDestroy(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint ClusterBootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_set_controller_id")]
    public static partial void SetControllerId(nint cluster, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void GroupInitialRebalanceDelayMs(nint cluster, int delayMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_host_port", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void BrokerSetHostPort(nint cluster, int brokerId, string host, int port);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TopicCreate(nint cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_delete", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TopicDelete(nint cluster, string topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_delete_records", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int PartitionDeleteRecords(nint cluster, string topic, int partition, long beforeOffset);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int BrokerSetDown(nint cluster, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int BrokerSetUp(nint cluster, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushRequestErrors(nint cluster, short apiKey, nuint count, ReadOnlySpan<int> errors);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == Library ? Handle.Value : 0;

    private static nint Load()
    {
        var assembly = typeof(Confluent.Kafka.Library).Assembly;
        foreach (var build in Builds)
        {
            if (NativeLibrary.TryLoad(build, assembly, null, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException(
            $"None of {string.Join(", ", Builds)} (from the package librdkafka.redist) loads on this system, so there is no embedded broker: "
            + "start with --kafka=managed and KAFKA_HOME, or --kafka=external.");
    }
}
