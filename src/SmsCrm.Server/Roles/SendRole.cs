using SmsCrm.Contracts;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Pipeline.Reconciliation;
using SmsCrm.Server.Hosting;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Server.Roles;

/// <summary>The send pipeline with both its sources, waiting and reconciliation.</summary>
internal static class SendRole
{
    private const string Transactional = "send-transactional";
    private const string Marketing = "send-marketing";

    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddProvider();
        services.AddTenants();
        services.AddSendPipeline();
        services.AddHostedService<LedgerIdentityLoop>();
        services.AddReconciliation();
        services.AddInboundList();

        // The sources come last: a stop ends them first, then the batches in work, then the POSTs, then the writing of their outcomes.
        // A group each, so that one-time codes are never behind a campaign's batches.
        services.AddStreamConsumer<RequestBatchHandler>(Requests(Transactional, Topics.TransactionalRequests));
        services.AddStreamConsumer<RequestBatchHandler>(Requests(Marketing, Topics.MarketingRequests));
    }

    /// <summary>Whether a consumer is this role's, by its name.</summary>
    public static bool IsConsumer(string name) => name is Transactional or Marketing;

    private static ConsumerOptions Requests(string name, string topic) => new()
    {
        Name = name,
        GroupId = $"smscrm-{name}",
        Topics = [topic],
        // A batch costs a handful of round trips however small it is (docs/performance.md): 25 ms buy company and are a tenth of what a
        // one-time code may take.
        BatchLingerMs = 25,
    };
}
