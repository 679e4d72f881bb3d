using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Pacing;

/// <summary>What one message needs of the buckets. Rates are segments per second, 1 or more.</summary>
/// <param name="Segments">What it costs, 1 to 20.</param>
internal readonly record struct PaceRequest(
    TenantId Tenant,
    int TenantRate,
    Guid AccountId,
    int AccountRate,
    Guid SenderId,
    int SenderRate,
    int Segments,
    bool IsTransactional);

/// <summary>Whether a message may go now, or how long it must wait at the least.</summary>
internal readonly record struct PaceDecision(TimeSpan Wait)
{
    public bool MayGo => Wait == TimeSpan.Zero;
}
