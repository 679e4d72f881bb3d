using Microsoft.Extensions.DependencyInjection;
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
        return services;
    }
}
