namespace SmsCrm.Server.Roles;

/// <summary>The send pipeline with both its sources, waiting and reconciliation.</summary>
internal static class SendRole
{
    public static void AddSendRole(this IServiceCollection services, IConfiguration configuration)
    {
    }
}
