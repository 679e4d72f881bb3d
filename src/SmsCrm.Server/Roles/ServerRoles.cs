namespace SmsCrm.Server.Roles;

/// <summary>What a process does; production scales each by itself, one machine runs all in one process.</summary>
[Flags]
internal enum ServerRoles
{
    None = 0,

    /// <summary>gRPC, REST send, the provider's callbacks.</summary>
    Ingest = 1,

    /// <summary>The send pipeline with both sources, waiting, reconciliation.</summary>
    Send = 2,

    /// <summary>The recorder, the consumer of <c>sms.events</c>, the partitions' upkeep, the counts.</summary>
    Record = 4,

    /// <summary>Reports, Watch, management.</summary>
    Crm = 8,

    /// <summary>The web pages.</summary>
    Web = 16,

    All = Ingest | Send | Record | Crm | Web,
}

/// <summary>The roles as the command line, logs and health spell them.</summary>
internal static class RoleNames
{
    private static readonly (string Name, ServerRoles Role)[] Names =
    [
        ("ingest", ServerRoles.Ingest),
        ("send", ServerRoles.Send),
        ("record", ServerRoles.Record),
        ("crm", ServerRoles.Crm),
        ("web", ServerRoles.Web),
    ];

    public static IEnumerable<string> All => Names.Select(n => n.Name);

    public static IEnumerable<string> Of(ServerRoles roles) => Names.Where(n => roles.HasFlag(n.Role)).Select(n => n.Name);

    /// <summary>Reads names separated by commas; <c>all</c> is every role.</summary>
    public static (ServerRoles Roles, string? Error) Parse(string text)
    {
        var roles = ServerRoles.None;
        foreach (var name in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var role = name == "all" ? ServerRoles.All : Names.FirstOrDefault(n => n.Name == name).Role;
            if (role == ServerRoles.None)
            {
                return (ServerRoles.None, $"--roles has '{name}'; a role is one of {string.Join(", ", All)}, or all");
            }

            roles |= role;
        }

        return roles == ServerRoles.None
            ? (roles, $"--roles is empty; name one or more of {string.Join(", ", All)}, or all")
            : (roles, null);
    }
}
