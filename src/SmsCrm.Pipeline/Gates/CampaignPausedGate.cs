using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>What a paused campaign has accepted waits until it is resumed.</summary>
internal sealed class CampaignPausedGate(TimeSpan recheck) : IGate
{
    public string Name => "campaign_paused";

    public GateDecision Judge(in GateInput input) => !input.IsCampaignPaused
        ? GateDecision.Pass
        : Say.Defer(
            Name, Reason.CampaignPaused, input.Now + recheck, "The campaign is paused. The message waits until it is resumed.",
            ("campaign_id", input.CampaignId));
}
