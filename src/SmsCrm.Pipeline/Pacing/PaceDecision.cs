using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Pacing;

/// <summary>What one message needs of the buckets. Rates are segments per second, 1 or more.</summary>
/// <param name="Segments">What it costs, 1 to 20.</param>
/// <param name="CarrierClass">The class of the recipient's carrier, where that has a rate of its own for each sender; null: it has none.</param>
/// <param name="CarrierRate">The rate of sender and class; 0 without one.</param>
internal readonly record struct PaceRequest(
    TenantId Tenant,
    int TenantRate,
    Guid AccountId,
    int AccountRate,
    Guid SenderId,
    int SenderRate,
    int Segments,
    bool IsTransactional,
    string? CarrierClass = null,
    int CarrierRate = 0);

/// <summary>Whether a message may go now, or how long it must wait at the least.</summary>
/// <param name="IsByCarrier">It waits for its carrier class alone: others of its sender need not wait behind it.</param>
internal readonly record struct PaceDecision(TimeSpan Wait, bool IsByCarrier = false)
{
    public bool MayGo => Wait == TimeSpan.Zero;
}
