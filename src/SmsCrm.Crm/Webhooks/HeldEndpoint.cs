using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Webhooks;

/// <summary>An endpoint that this process has for a while, with deliveries that are due.</summary>
/// <param name="Version">Of its settings: when the tenant changed them meanwhile, what was learnt of its health is of yesterday.</param>
/// <param name="Secrets">Sealed, the newest first.</param>
internal sealed record HeldEndpoint(
    Guid Id, TenantId Tenant, string Url, long Version, EndpointHealth Health, bool IsSlowLane, IReadOnlyList<byte[]> Secrets, IReadOnlyList<DueDelivery> Due);

/// <param name="Tries">Attempts on the schedule so far.</param>
/// <param name="Attempts">All attempts so far.</param>
internal sealed record DueDelivery(Guid Id, int Tries, int Attempts, string Body);

/// <summary>A delivery with what became of its attempt.</summary>
internal sealed record AttemptedDelivery(DueDelivery Delivery, AttemptOutcome Outcome);

/// <summary>What a visit leaves behind.</summary>
/// <param name="IsSlowLane">It answered slowly, or not well.</param>
internal sealed record VisitResult(HeldEndpoint Endpoint, IReadOnlyList<AttemptedDelivery> Attempted, EndpointHealth Health, bool IsSlowLane);
