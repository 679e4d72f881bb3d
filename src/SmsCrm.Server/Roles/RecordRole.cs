using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Storage;

namespace SmsCrm.Server.Roles;

/// <summary>The recorder, the consumer of <c>sms.events</c>, the partitions' upkeep, the counts.</summary>
internal static class RecordRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddCountFolding();
        services.AddPartitionUpkeep();
        services.AddRecorder();
        services.AddLinkRetention();
        services.AddReceiptsWorker();
    }
}
