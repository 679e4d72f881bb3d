using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>The way of a message from one status to the next: accepted or scheduled, queued, sent or failed, delivered or undelivered.</summary>
internal sealed class MessageWay(
    MessageLedger ledger, StatusNotices notices, DueQueue due, SenderPool pool, KnobBoard knobs)
{
    private const int ServiceWithoutSender = 21703;
    private const int QueueOverflow = 30001;
    private const int ValidityExpired = 30036;

    /// <summary>A message's turn in the queue of its sender.</summary>
    /// <returns>False when the queue is full.</returns>
    public static bool TryQueue(Sender sender, int segments, int validitySeconds, long nowMs, SimulatorKnobs knobs, out QueuePlace place)
    {
        if (sender.WaitMs(nowMs) > validitySeconds * 1000.0)
        {
            place = new QueuePlace(nowMs + (validitySeconds * 1000L), Expires: true);
            return true;
        }
        var isIn = sender.TryQueue(segments, nowMs, knobs, out var leavesAtMs);
        place = new QueuePlace((long)Math.Ceiling(leavesAtMs), Expires: false);
        return isIn;
    }

    /// <summary>Plans the first step of a message that has its place.</summary>
    public void Queue(MessageStep step, QueuePlace place)
    {
        var message = step.Message;
        if (place.Expires)
        {
            (step.Next, step.NextCode) = (MessageStatus.Failed, ValidityExpired);
            due.Add(place.AtMs, step);
            return;
        }
        (step.Next, step.NextCode) = message.Fate == MessageStatus.Failed ? (MessageStatus.Failed, message.FateCode) : (MessageStatus.Sent, 0);
        due.Add(place.AtMs + (long)knobs.For(step.Account).Callbacks.SentAfterMs, step);
    }

    /// <summary>Plans the first step of a message that a messaging service has accepted or scheduled.</summary>
    public void Accept(MessageStep step, long nowMs)
    {
        step.Next = MessageStatus.Queued;
        due.Add(Math.Max(nowMs, step.Message.SendAtMs), step);
    }

    /// <summary>Plans the last step of a message that was sent; none for one that stays silent.</summary>
    public void Finish(MessageStep step, long nowMs)
    {
        if (step.Message.Fate == MessageStatus.Sent)
            return;
        (step.Next, step.NextCode) = (step.Message.Fate, step.Message.FateCode);
        due.Add(nowMs + (long)knobs.For(step.Account).Callbacks.FinalAfterMs, step);
    }

    /// <summary>Takes the step whose time has come. A message that was cancelled meanwhile stays where it is.</summary>
    public void Take(MessageStep step, long nowMs)
    {
        if (step.Next == MessageStatus.Queued)
            ChooseSender(step, nowMs);
        else if (Reach(step, step.Next, step.NextCode, nowMs) && step.Next == MessageStatus.Sent)
            Finish(step, nowMs);
    }

    private void ChooseSender(MessageStep step, long nowMs)
    {
        step.Sender = pool.Choose(step.Account, step.Message);
        if (step.Sender is null)
            Reach(step, MessageStatus.Failed, ServiceWithoutSender, nowMs);
        else if (!TryQueue(step.Sender, step.Message.Segments, step.Message.ValiditySeconds, nowMs, knobs.For(step.Account), out var place))
            Reach(step, MessageStatus.Failed, QueueOverflow, nowMs);
        else if (Reach(step, MessageStatus.Queued, 0, nowMs))
            Queue(step, place);
    }

    private bool Reach(MessageStep step, MessageStatus status, int code, long nowMs)
    {
        if (!ledger.Advance(step.Index, status, code, nowMs, step.Sender))
            return false;
        notices.Notify(step, status, code, nowMs);
        return true;
    }
}

/// <summary>A place in a sender's queue: when the message's turn comes, or when it expires before that.</summary>
internal readonly record struct QueuePlace(long AtMs, bool Expires);
