using Microsoft.Extensions.DependencyInjection.Extensions;
using SmsCrm.Contracts;
using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Messages;
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

        // Until the suppression list has its own writer: the provider refuses the next text to that number as well, and says it again.
        services.TryAddSingleton<Func<TenantId, PhoneNumber, CancellationToken, Task>>(
            static (_, _, _) => throw new InvalidOperationException("this version keeps no opt-outs that the provider tells"));

        // The sources come last: a stop ends them first, then the batches in work, then the POSTs, then the writing of their outcomes.
        // A group each, so that one-time codes are never behind a campaign's batches.
        services.AddStreamConsumer<RequestBatchHandler>(Requests("send-transactional", Topics.TransactionalRequests));
        services.AddStreamConsumer<RequestBatchHandler>(Requests("send-marketing", Topics.MarketingRequests));
    }

    private static ConsumerOptions Requests(string name, string topic) => new() { Name = name, GroupId = $"smscrm-{name}", Topics = [topic] };
}
