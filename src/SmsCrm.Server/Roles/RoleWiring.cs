using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Storage;
using SmsCrm.Streams;

namespace SmsCrm.Server.Roles;

/// <summary>Which rooms a process holds: the shared ground first, then each role's own.</summary>
internal static class RoleWiring
{
    public static IServiceCollection AddRoles(this IServiceCollection services, ServerRoles roles, IConfiguration configuration)
    {
        services.AddStorage(configuration);
        services.AddStreams(configuration);
        services.AddLedger();
        services.AddAccess();
        foreach (var (role, add, _) in Roles)
        {
            if (roles.HasFlag(role))
            {
                add(services, configuration);
            }
        }

        return services;
    }

    public static void MapRoles(this WebApplication app, ServerRoles roles)
    {
        foreach (var (role, _, map) in Roles)
        {
            if (roles.HasFlag(role))
            {
                map(app, roles);
            }
        }
    }

    private static readonly (ServerRoles Role, Action<IServiceCollection, IConfiguration> Add, Action<WebApplication, ServerRoles> Map)[] Roles =
    [
        (ServerRoles.Ingest, IngestRole.Add, IngestRole.Map),
        (ServerRoles.Send, SendRole.Add, static (_, _) => { }),
        (ServerRoles.Record, RecordRole.Add, static (_, _) => { }),
        (ServerRoles.Crm, CrmRole.Add, CrmRole.Map),
        (ServerRoles.Web, WebRole.Add, WebRole.Map),
    ];
}
