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

    public string Name => "frequency_cap";

    public GateDecision Judge(in GateInput input)
    {
        if (input.Recent is not { } recent)
        {
            return GateDecision.Pass;
        }

        foreach (var cap in CapsOf(in input))
        {
            if (recent.FreeAt(cap, input.Purpose, input.Now) is { } free)
            {
                return Say.Reject(
                    Name,
                    Reason.FrequencyCap,
                    "The recipient had as many texts lately as the cap allows.",
                    ("most", cap.Messages),
                    ("window_seconds", (long)cap.Window.TotalSeconds),
                    ("purpose", cap.Purpose is null ? "any" : cap.Purpose == Purpose.Marketing ? "marketing" : "transactional"),
                    ("next", free),
                    ("rules", input.Rules.Version));
            }
        }

        return GateDecision.Pass;
    }

    /// <summary>The tenant's and the state's.</summary>
    public static IReadOnlyList<FrequencyCap> CapsOf(in GateInput input) =>
        input.Purpose == Purpose.Marketing && input.Country is "US" && Place.Of(in input).Region is "US-FL" or "US-OK"
            ? [.. input.Rules.FrequencyCaps, ThreeADay]
            : input.Rules.FrequencyCaps;
}
