using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// The number can be dialled at all: 7 to 15 digits, as E.164 has them (ITU-T E.164, section 6). Whether it exists in its
/// country's plan was asked when the request was accepted.
/// </summary>
internal sealed class NumberValidGate : IGate
{
    private const long Least = 1_000_000;
    private const long Most = 999_999_999_999_999;

    public string Name => "number_valid";

    public GateDecision Judge(in GateInput input) => input.Recipient.Digits is >= Least and <= Most
        ? GateDecision.Pass
        : Say.Reject(
            Name, Reason.NumberInvalid, "The recipient is not a complete international phone number (7 to 15 digits with the country code).",
            ("recipient", input.Recipient.Masked));
}
