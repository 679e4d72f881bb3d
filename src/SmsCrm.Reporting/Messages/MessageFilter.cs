using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Reporting.Messages;

/// <summary>Which of a tenant's messages a page shows; null is any.</summary>
public sealed record MessageFilter(string? CampaignId, MessageState? State, PhoneNumber? Recipient);
