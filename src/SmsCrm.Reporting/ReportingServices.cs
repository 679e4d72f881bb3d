using Microsoft.Extensions.DependencyInjection;
using SmsCrm.Reporting.Ledger;
using SmsCrm.Reporting.Messages;
using SmsCrm.Reporting.Summary;

namespace SmsCrm.Reporting;

/// <summary>Reads only: timelines, lists and reports.</summary>
public static class ReportingServices
{
    public static IServiceCollection AddReporting(this IServiceCollection services)
    {
        services.AddSingleton<MessageQueries>();
        services.AddSingleton<SummaryQueries>();
        services.AddSingleton<LedgerQueries>();
        services.AddSingleton<LedgerVerification>();
        return services;
    }
}
