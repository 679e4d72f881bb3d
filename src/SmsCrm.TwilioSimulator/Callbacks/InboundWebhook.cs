using System.Globalization;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>Tells of a text that came in.</summary>
/// <param name="optOutType">STOP, START or HELP where Twilio's Advanced Opt-Out matched; null for none.</param>
internal sealed class InboundWebhook(CallbackTarget target, Account account, MessageView view, string? optOutType)
    : Callback(target, account, view.Index, MessageStatus.Received)
{
    public override string IdempotencyToken => Token(view.Sid, Status);

    public override void Fill(SignedForm form)
    {
        form.Add("AccountSid"u8, Account.Sid);
        form.Add("ApiVersion"u8, "2010-04-01");
        form.Add("Body"u8, view.Body);
        form.Add("From"u8, view.Taken.From ?? "");
        form.Add("FromCity"u8, "");
        form.Add("FromCountry"u8, "US");
        form.Add("FromState"u8, "");
        form.Add("FromZip"u8, "");
        form.Add("MessageSid"u8, view.Sid);
        if (view.Taken.ServiceSid is { } service)
            form.Add("MessagingServiceSid"u8, service);
        form.Add("NumMedia"u8, "0");
        form.Add("NumSegments"u8, view.Taken.Segments.ToString(CultureInfo.InvariantCulture));
        if (optOutType is not null)
            form.Add("OptOutType"u8, optOutType);
        form.Add("SmsMessageSid"u8, view.Sid);
        form.Add("SmsSid"u8, view.Sid);
        form.Add("SmsStatus"u8, "received");
        form.Add("To"u8, view.Taken.To);
        form.Add("ToCity"u8, "");
        form.Add("ToCountry"u8, "US");
        form.Add("ToState"u8, "");
        form.Add("ToZip"u8, "");
    }
}
