using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Reporting.Conversations;
using SmsCrm.Reporting.Exports;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Reporting.Messages;
using SmsCrm.Reporting.Reports;
using SmsCrm.Reporting.Summary;
using SmsCrm.Storage;
using SmsCrm.Streams;
using SmsCrm.Streams.Reading;

namespace SmsCrm.Reporting;

/// <summary>Reads only: timelines, lists and reports.</summary>
public static class ReportingServices
{
    public static IServiceCollection AddReporting(this IServiceCollection services)
    {
        services.AddSingleton<MessageQueries>();
        services.AddSingleton<SummaryQueries>();
        services.AddSingleton<ConversationQueries>();
        services.AddSingleton<ReviewQueries>();
        services.AddSingleton<LedgerQueries>();
        services.AddSingleton<ReportQueries>();
        services.AddSingleton<MessageExport>();
        services.AddSingleton(static s => new LedgerVerification(
            s.GetRequiredService<PostgresConnections>(),
            s.GetService<TopicReader>(),
            s.GetService<IOptions<KafkaOptions>>(),
            s.GetService<ISmsProvider>(),
            s.GetService<ProviderDirectory>()));
        return services;
    }
}
