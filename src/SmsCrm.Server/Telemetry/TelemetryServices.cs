using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SmsCrm.Server.Hosting;

namespace SmsCrm.Server.Telemetry;

/// <summary>Metrics for Prometheus, and logs on stdout.</summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("smscrm", serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(metrics => metrics
                .AddMeter("SmsCrm.*", "Npgsql")
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                // Each histogram of ours carries its own buckets; this one of Npgsql's has none that suit seconds.
                .AddView("db.client.operation.duration", SecondsView())
                .AddView("db.client.commands.duration", SecondsView())
                .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 300));
        return services;
    }

    /// <summary><c>/metrics</c>, on the metrics port alone.</summary>
    public static void UseMetricsPage(this WebApplication app)
    {
        var port = app.Services.GetRequiredService<IOptions<ServerOptions>>().Value.MetricsPort;
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Connection.LocalPort == port && context.Request.Path == "/metrics");
    }

    /// <summary>JSON objects, one a line, with the scopes' ids; or plain text for people.</summary>
    public static void AddLogs(this ILoggingBuilder logging, string? format)
    {
        logging.ClearProviders();
        if (format == "text")
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.IncludeScopes = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.UseUtcTimestamp = true;
            });
        }
        else
        {
            logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                console.UseUtcTimestamp = true;
            });
        }
    }

    private static ExplicitBucketHistogramConfiguration SecondsView() => new()
    {
        Boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };
}
