using System.Threading.Channels;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>Callbacks waiting for one of the senders. Bounded: what finds it full is lost, and counted.</summary>
internal sealed class CallbackQueue(TwilioSimulatorOptions options, MessageLedger ledger, SimulatorCounters counters)
{
    private readonly Channel<Callback> _waiting = Channel.CreateBounded<Callback>(new BoundedChannelOptions(options.CallbackBacklog));

    public ChannelReader<Callback> Reader => _waiting.Reader;

    /// <summary>Throws away what waits.</summary>
    public void Clear()
    {
        while (_waiting.Reader.TryRead(out _))
        {
        }
    }

    public void Add(Callback callback)
    {
        if (_waiting.Writer.TryWrite(callback))
            return;
        counters.CallbackLost();
        ledger.SettleCallback(callback.Index, callback.Status);
    }
}
