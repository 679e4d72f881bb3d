using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>Makes the simulator as it was when its ledger was empty: messages, queues, counts and knobs. Accounts stay. Meant for a quiet
/// moment: a request in flight may or may not be forgotten.</summary>
internal sealed class Reset(
    MessageLedger ledger, DueQueue due, CallbackQueue callbacks, SenderBook senders, AccountBook accounts, KnobBoard knobs,
    SimulatorCounters counters, ArrivalLog arrivals, TwilioSimulatorOptions options)
{
    public void Run()
    {
        due.Clear();
        callbacks.Clear();
        ledger.Clear();
        senders.Clear();
        counters.Clear();
        arrivals.Clear();
        knobs.Reset();
        foreach (var account in accounts.All)
        {
            account.OwnKnobs = null;
            if (account.Configured.AuthToken.Length > 0 && !options.Accounts.Contains(account.Configured))
                ledger.RecordAccount(account.Configured);
        }
    }
}
