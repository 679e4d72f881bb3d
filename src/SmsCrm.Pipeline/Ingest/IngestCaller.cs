using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>On whose behalf a request is accepted. One for a call, or for a whole stream.</summary>
/// <param name="DefaultCountry">ISO 3166-1 alpha-2: how a number without a plus sign is read where the request says no country.</param>
/// <param name="LinkStart">Scheme and host of its short links, such as <c>https://go.example.com</c>; empty: requests with links are refused.</param>
/// <param name="Zone">The tenant's: by its clock messages have the day that they are counted by. Null: UTC.</param>
public sealed record IngestCaller(TenantId Tenant, string DefaultCountry, string LinkStart = "", TimeZoneInfo? Zone = null)
{
    /// <summary>16 bytes, big-endian: part of every record's key and headers.</summary>
    internal byte[] TenantBytes { get; } = Tenant.ToBytes();

    /// <summary>In days since 1970-01-01; 0 where there is no zone to tell.</summary>
    internal int DayAt(DateTimeOffset accepted) =>
        Zone is null ? 0 : DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(accepted, Zone).DateTime).DayNumber - AcceptedMessage.UnixEpoch;
}
