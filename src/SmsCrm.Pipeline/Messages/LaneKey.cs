namespace SmsCrm.Pipeline.Messages;

/// <summary>Where a message waits for its turn: first in, first out within a lane.</summary>
/// <param name="SenderId">Empty while no sender was chosen.</param>
/// <param name="CampaignId">Empty where there is none.</param>
public readonly record struct LaneKey(TenantId Tenant, Guid SenderId, Purpose Purpose, string CampaignId);
