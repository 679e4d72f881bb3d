using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Endpoints.Reports;

internal static class ReportServices
{
    /// <summary>What the answers of reports, exports and progress share: options, the cache, the bounds.</summary>
    public static IServiceCollection AddReportAnswers(this IServiceCollection services)
    {
        services.AddOptions<ReportsOptions>().BindConfiguration(ReportsOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReportsOptions>, ReportsOptionsValidator>());
        services.AddSingleton<ReportCache>();
        services.AddSingleton<ReportListEndpoints.ReportAnswers>();
        services.AddSingleton<ExportSlots>();
        services.AddSingleton<ProgressStreams>();
        return services;
    }
}

/// <summary>Exports that run.</summary>
internal sealed class ExportSlots(IOptions<ReportsOptions> options)
{
    public TenantSlots Slots { get; } = new(options.Value.MaxExportsPerTenant, 1_000);
}
