using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Crm.Webhooks;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Pipeline.Suppression;
using SmsCrm.Reporting;
using SmsCrm.Server.Endpoints.Ingest;
using SmsCrm.Server.Endpoints.Management;
using SmsCrm.Server.Endpoints.Operation;
using SmsCrm.Server.Endpoints.Reports;
using SmsCrm.Server.Watch;

namespace SmsCrm.Server.Roles;

/// <summary>Reports and Watch: what a tenant reads.</summary>
internal static class CrmRole
{
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddReporting();
        services.AddSingleton<MessageLookup>();
        services.AddReportAnswers();
        services.AddMessageIngest();
        services.AddWatch();
        services.AddTenants();
        services.AddSuppression();
        services.AddInboundReviews();
        services.AddCancellation();
        services.AddWebhooks();
    }

    public static void Map(WebApplication app, ServerRoles roles)
    {
        app.MapReports();
        app.MapReportList();
        app.MapProgress();
        app.MapLedger();
        app.MapSettings();
        app.MapCancellations();
        app.MapRecipients();
        app.MapConversations();
        app.MapReviews();
        app.MapSenders();
        app.MapWebhooks();
        app.MapTenants();
        app.MapPlatform();
        if (!roles.HasFlag(ServerRoles.Ingest))
        {
            app.MapGrpcService<WatchOnlyService>().RequireAuthorization(AccessPolicies.Tenant);
        }
    }
}
