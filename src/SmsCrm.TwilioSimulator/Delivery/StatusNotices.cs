using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>Asks for the callback of a status that a message has just reached; the knobs may lose it, double it or let a later one
/// overtake it.</summary>
internal sealed class StatusNotices(
    MessageLedger ledger, CallbackQueue callbacks, DueQueue due, KnobBoard knobs, Draws draws, SimulatorCounters counters)
{
    // A late callback comes this long after the one that overtook it.
    private const long OvertakenByMs = 50;

    public void Notify(MessageStep step, MessageStatus status, int code, long nowMs)
    {
        if (step.Target is null)
            return;
        var knob = knobs.For(step.Account).Callbacks;
        var number = ((ulong)(uint)step.Index << 4) | (ulong)status;
        if (draws.Happens(Purpose.Lost, number, knob.LostRate))
        {
            counters.CallbackLost();
            ledger.SettleCallback(step.Index, status);
            return;
        }
        var callback = CallbackOf(step, status, code, nowMs);
        if (status == MessageStatus.Sent && step.Message.Fate != MessageStatus.Sent && draws.Happens(Purpose.OutOfOrder, number, knob.OutOfOrderRate))
            due.Add(nowMs + (long)knob.FinalAfterMs + OvertakenByMs, callback);
        else
            callbacks.Add(callback);
        if (draws.Happens(Purpose.Duplicate, number, knob.DuplicateRate))
            for (var copy = 1; copy <= knob.Duplicates; copy++)
                due.Add(nowMs + (copy * OvertakenByMs), CallbackOf(step, status, code, nowMs));
    }

    private static StatusCallback CallbackOf(MessageStep step, MessageStatus status, int code, long nowMs) => new(
        step.Target!, step.Account, step.Index, step.Sid, step.Message.From ?? step.Sender?.Name, step.Message.To, step.Message.ServiceSid,
        status, code, nowMs);
}
