using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>
/// Takes up after a start what the ledger says is unfinished: messages go on from the status that they had, and callbacks that
/// nobody has answered are sent, from the first attempt. A callback that was sent right before a kill may come again.
/// </summary>
internal sealed class Resumption(
    MessageLedger ledger, AccountBook accounts, SenderBook senders, MessageWay way, StatusNotices notices, CallbackQueue callbacks,
    KnobBoard knobs, TimeProvider time)
{
    public void Resume()
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var index in ledger.Unfinished())
            Resume(ledger.View(index), nowMs);
    }

    private void Resume(MessageView view, long nowMs)
    {
        var account = accounts.OfLedger(view.Taken.AccountSid);
        CallbackTarget? target = null;
        if (view.Taken.StatusCallback is { } url && CallbackTarget.TryParse(url, out var parsed))
            target = parsed;
        if (view.Taken.Direction == Direction.Inbound)
        {
            if (target is not null)
                callbacks.Add(new InboundWebhook(target, account, view, optOutType: null));
            return;
        }
        var step = new MessageStep(view.Index, view.Sid, view.Taken, account, target)
        {
            Sender = view.From is null ? null : senders.Find(account.Number, view.From),
        };
        for (var status = MessageStatus.Queued; (int)status < MessageStatuses.Count; status++)
        {
            if ((view.OwedCallbacks & (1 << (int)status)) != 0)
                notices.Notify(step, status, status.IsFinal() ? view.ErrorCode : 0, nowMs);
        }
        switch (view.Status)
        {
            case MessageStatus.Accepted or MessageStatus.Scheduled:
                way.Accept(step, nowMs);
                break;
            case MessageStatus.Queued when step.Sender is { } sender:
                // A queue that has no room now had it when the message was taken.
                MessageWay.TryQueue(sender, view.Taken.Segments, view.Taken.ValiditySeconds, nowMs, knobs.For(account), out var place);
                way.Queue(step, place);
                break;
            case MessageStatus.Sent:
                way.Finish(step, nowMs);
                break;
        }
    }
}
