using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmsCrm.Server.Hosting;
using SmsCrm.Server.Roles;

namespace SmsCrm.Server.Health;

/// <summary>What each role cannot do without. A role is ready when all of it is; other roles of the process go on.</summary>
internal static class HealthServices
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public static IServiceCollection AddHealth(this IServiceCollection services, ServerRoles roles)
    {
        services.AddSingleton<HealthReport>();
        services.AddHealthChecks()
            .Add<PostgresCheck>("postgres", ServerRoles.All, roles)
            .Add<SchemaCheck>("schema", ServerRoles.All, roles)
            .Add<PartitionsCheck>("partitions", ServerRoles.Ingest | ServerRoles.Send | ServerRoles.Record, roles)
            .Add<LedgerIdentityReadiness>("ledger_identity", ServerRoles.Send, roles)
            .Add<ClockCheck>("clock", ServerRoles.Ingest | ServerRoles.Send, roles)
            .Add<RedisCheck>("redis", ServerRoles.Send, roles)
            .Add<KafkaCheck>("kafka", ServerRoles.Ingest | ServerRoles.Send | ServerRoles.Record, roles)
            .Add<SendConsumersCheck>("send_consumers", ServerRoles.Send, roles)
            .Add<RecordConsumersCheck>("record_consumers", ServerRoles.Record, roles)
            .Add<PipelineCheck>("pipeline", ServerRoles.Send, roles);
        return services;
    }

    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").WithMetadata(OnMetricsPort.Mark).ExcludeFromDescription();
        health.MapGet("/live", () => Results.Json(new { live = true }));
        health.MapGet("/ready", async (string? role, HealthReport report, CancellationToken cancellation) => await report.AnswerAsync(role, cancellation));
    }

    private static IHealthChecksBuilder Add<TCheck>(this IHealthChecksBuilder checks, string name, ServerRoles neededBy, ServerRoles served)
        where TCheck : class, IHealthCheck =>
        (neededBy & served) == 0 ? checks : checks.AddCheck<TCheck>(name, HealthStatus.Unhealthy, RoleNames.Of(neededBy & served), Deadline);
}
