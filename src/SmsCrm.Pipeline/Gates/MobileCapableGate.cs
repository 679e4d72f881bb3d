using PhoneNumbers;
using SmsCrm.Pipeline.Messages;
using PhoneNumber = SmsCrm.Pipeline.Messages.PhoneNumber;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// The number's kind takes texts, by libphonenumber's data of its country: the provider would refuse a landline with 21614, after the claim. Where a
/// country's plan does not tell landlines from mobiles (all of North America) nothing is known, and the number passes.
/// </summary>
internal sealed class MobileCapableGate : IGate
{
    private const long NorthAmerica = 10_000_000_000;
    private const string Premium = "a premium-rate number";

    private static readonly PhoneNumberUtil Util = PhoneNumberUtil.GetInstance();

    public string Name => "mobile_capable";

    public GateDecision Judge(in GateInput input) => KindOf(input.Recipient) is { } kind
        ? Say.Reject(
            Name, Reason.NotMobile, $"The recipient is {kind}, which takes no texts. Send to a mobile number.",
            ("recipient", input.Recipient.Masked), ("kind", kind), ("rules", input.Rules.Version))
        : GateDecision.Pass;

    /// <returns>What it is, where that takes no texts.</returns>
    private static string? KindOf(PhoneNumber number)
    {
        // A lookup costs some microseconds, and here the plan tells nothing but the premium numbers, area code 900.
        if (number.Digits / NorthAmerica == 1)
        {
            return number.Digits / 10_000_000 == 1_900 ? Premium : null;
        }

        try
        {
            return Util.GetNumberType(Util.Parse(number.ToString(), null)) switch
            {
                PhoneNumberType.FIXED_LINE => "a landline",
                PhoneNumberType.PREMIUM_RATE => Premium,
                PhoneNumberType.SHARED_COST => "a shared-cost number",
                PhoneNumberType.VOICEMAIL => "a mailbox",
                _ => null,
            };
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}
