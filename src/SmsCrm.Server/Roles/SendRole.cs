using SmsCrm.Contracts;
using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Server.Roles;

/// <summary>The send pipeline with both its sources, waiting and reconciliation.</summary>
internal static class SendRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddProvider();
        services.AddSendPipeline();

        // The sources come last: a stop ends them first, then the batches in work, then the POSTs, then the writing of their outcomes.
        // A group each, so that one-time codes are never behind a campaign's batches.
        services.AddStreamConsumer<RequestBatchHandler>(Requests("send-transactional", Topics.TransactionalRequests));
        services.AddStreamConsumer<RequestBatchHandler>(Requests("send-marketing", Topics.MarketingRequests));
    }

    private static ConsumerOptions Requests(string name, string topic) => new() { Name = name, GroupId = $"smscrm-{name}", Topics = [topic] };
}
