using SmsCrm.Pipeline.Ingest;
using SmsCrm.Storage;

namespace SmsCrm.Server.Roles;

/// <summary>The recorder, the consumer of <c>sms.events</c>, the partitions' upkeep, the counts.</summary>
internal static class RecordRole
{
    public static void Add(IServiceCollection services)
    {
        services.AddPartitionUpkeep();
        services.AddRecorder();
    }
}
