using SmsCrm.Pipeline.Gates.QuietHours;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// No more texts to a recipient in a sliding window than the tenant's caps allow, nor than a state's: Florida and Oklahoma allow three
/// solicitations in 24 hours (Fla. Stat. 501.059; Okla. Stat. 15-775C). What is over the cap is rejected, with the time from which one more may go.
/// </summary>
internal sealed class FrequencyCapGate : IGate
{
    private static readonly FrequencyCap ThreeADay = new(Purpose.Marketing, 3, TimeSpan.FromHours(24));

    public string Name => GateNames.FrequencyCap;

    public GateDecision Judge(in GateInput input) =>
        input.Recent is { } recent
        && new RecipientLimits(CapsOf(in input), TimeSpan.Zero, input.Rules.Version).JudgeCaps(recent, input.Purpose, input.Now) is { } verdict
            ? new GateDecision.Reject(verdict)
            : GateDecision.Pass;

    /// <summary>The tenant's and the state's.</summary>
    public static IReadOnlyList<FrequencyCap> CapsOf(in GateInput input) =>
        input.Purpose == Purpose.Marketing && input.Country is "US" && Place.Of(in input).Region is "US-FL" or "US-OK"
            ? [.. input.Rules.FrequencyCaps, ThreeADay]
            : input.Rules.FrequencyCaps;
}
