using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// A recorded no rejects always. Marketing needs a recorded yes, prior express written consent by 47 CFR 64.1200(f)(9), unless the tenant
/// keeps its own records; transactional texts need none.
/// </summary>
internal sealed class ConsentGate : IGate
{
    public string Name => "consent";

    public GateDecision Judge(in GateInput input) => input.Consent switch
    {
        { State: ConsentState.Revoked } revoked => Say.Reject(
            Name,
            Reason.NoConsent,
            "The recipient withdrew consent to this kind of message.",
            ("purpose", Text(input.Purpose)),
            ("revoked_at", revoked.At),
            ("source", revoked.Source),
            ("rules", input.Rules.Version)),
        { State: ConsentState.Unknown } when input.Purpose == Purpose.Marketing && input.Rules.MarketingConsent == ConsentRule.Required => Say.Reject(
            Name,
            Reason.NoConsent,
            "There is no recorded consent of this recipient to marketing. Record it with its source and time, then send again.",
            ("purpose", Text(input.Purpose)),
            ("rules", input.Rules.Version)),
        _ => GateDecision.Pass,
    };

    private static string Text(Purpose purpose) => purpose == Purpose.Marketing ? "marketing" : "transactional";
}
