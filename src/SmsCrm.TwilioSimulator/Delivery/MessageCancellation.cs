using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>Cancels a scheduled message, which is the only one that Twilio lets be cancelled (error 30409), and calls that back.</summary>
internal sealed class MessageCancellation(MessageLedger ledger, StatusNotices notices)
{
    public bool TryCancel(Account account, MessageView view, long nowMs)
    {
        if (!ledger.TryCancel(view.Index, nowMs))
            return false;
        CallbackTarget? target = null;
        if (view.Taken.StatusCallback is { } url && CallbackTarget.TryParse(url, out var parsed))
            target = parsed;
        notices.Notify(new MessageStep(view.Index, view.Sid, view.Taken, account, target), MessageStatus.Canceled, 0, nowMs);
        return true;
    }
}
