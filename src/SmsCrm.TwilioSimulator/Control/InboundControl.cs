using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>A text from a handset, as the control API is asked for it.</summary>
/// <param name="From">The handset's E.164 number.</param>
/// <param name="To">The number or short code of ours that it was sent to.</param>
/// <param name="Body">Up to 1,600 characters; may be empty.</param>
/// <param name="Url">Where it is posted; default the simulator's <see cref="TwilioSimulatorOptions.InboundUrl"/>. Without either it
/// only stands in the list.</param>
/// <param name="AccountSid">Default: the first account.</param>
/// <param name="OptOutType">STOP, START or HELP, as with Advanced Opt-Out.</param>
/// <param name="Lose">True: the webhook is lost; the text stands in the list only.</param>
internal sealed record InboundText(
    string? From, string? To, string? Body, string? Url = null, string? AccountSid = null, string? MessagingServiceSid = null,
    string? OptOutType = null, bool Lose = false);

internal static class InboundControl
{
    public static async Task<IResult> PostAsync(
        HttpContext context, TwilioSimulatorOptions options, AccountBook accounts, MessageLedger ledger, CallbackQueue callbacks, TimeProvider time)
    {
        var (text, unreadable) = await ControlJson.ReadAsync<InboundText>(context).ConfigureAwait(false);
        if (text is null)
            return unreadable!;
        var account = accounts.Find(text.AccountSid ?? options.Accounts[0].Sid);
        if (account is null)
            return ControlJson.Refuse(400, "accountSid", text.AccountSid!, "give the sid of an account of this simulator");
        if (text.From is null || !Address.IsRecipient(text.From))
            return ControlJson.Refuse(400, "from", text.From ?? "missing", "give the handset's number in E.164, as +14155550101");
        if (text.To is null || Address.KindOf(text.To) is null)
            return ControlJson.Refuse(400, "to", text.To ?? "missing", "give the number or short code that the text was sent to");
        if (text.Body is null || text.Body.Length > CreateRules.LongestBody)
            return ControlJson.Refuse(400, "body", text.Body is null ? "missing" : $"{text.Body.Length} characters", $"give 0 to {CreateRules.LongestBody} characters");
        if (text.OptOutType is not (null or "STOP" or "START" or "HELP"))
            return ControlJson.Refuse(400, "optOutType", text.OptOutType, "give STOP, START or HELP, or leave it out");
        var url = text.Lose ? null : text.Url ?? options.InboundUrl;
        CallbackTarget? target = null;
        if (url is not null && !CallbackTarget.TryParse(url, out target))
            return ControlJson.Refuse(400, "url", url, "give an absolute http or https URL");

        var view = ledger.Take(MessageOf(text, account, url, time), account, sender: null);
        if (target is not null)
            callbacks.Add(new InboundWebhook(target, account, view, text.OptOutType));
        return ControlJson.Answer(ControlJson.Message(view, options.MessageIdParameter), StatusCodes.Status201Created);
    }

    private static TakenMessage MessageOf(InboundText text, Account account, string? url, TimeProvider time) => new()
    {
        AccountSid = account.Sid,
        Direction = Direction.Inbound,
        To = text.To!,
        From = text.From,
        Body = text.Body!,
        ServiceSid = text.MessagingServiceSid,
        StatusCallback = url,
        Status = MessageStatus.Received,
        Fate = MessageStatus.Received,
        Segments = Segments.Count(text.Body!),
        CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };
}
