using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>A message on its way, and its next step. One object goes all the way; the schedule's loop alone touches it.</summary>
internal sealed class MessageStep(int index, string sid, TakenMessage message, Account account, CallbackTarget? target) : DueWork
{
    public int Index => index;

    public string Sid => sid;

    public TakenMessage Message => message;

    public Account Account => account;

    /// <summary>Where its statuses go; null for nowhere.</summary>
    public CallbackTarget? Target => target;

    /// <summary>Null until a messaging service has chosen one.</summary>
    public Sender? Sender { get; set; }

    public MessageStatus Next { get; set; }

    /// <summary>The code that goes with <see cref="Next"/>; 0 for none.</summary>
    public int NextCode { get; set; }
}
