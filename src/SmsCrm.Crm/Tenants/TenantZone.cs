namespace SmsCrm.Crm.Tenants;

/// <summary>The clock by which a tenant's messages are counted.</summary>
internal static class TenantZone
{
    /// <param name="name">IANA.</param>
    /// <returns>UTC where this machine does not know the zone.</returns>
    public static TimeZoneInfo Of(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}
