using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>On whose behalf a request is accepted. One for a call, or for a whole stream.</summary>
/// <param name="DefaultCountry">ISO 3166-1 alpha-2: how a number without a plus sign is read where the request says no country.</param>
/// <param name="LinkStart">Scheme and host of its short links, such as <c>https://go.example.com</c>; empty: requests with links are refused.</param>
public sealed record IngestCaller(TenantId Tenant, string DefaultCountry, string LinkStart = "")
{
    /// <summary>16 bytes, big-endian: part of every record's key and headers.</summary>
    internal byte[] TenantBytes { get; } = Tenant.ToBytes();
}
