using Microsoft.Extensions.Hosting;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator;

/// <summary>Moves messages on and sends callbacks while the simulator runs. What is unfinished when it stops is taken up at the next start.</summary>
internal sealed class SimulatorWorker(Resumption resumption, DeliveryLoop delivery, CallbackSender callbacks, MessageLedger ledger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        resumption.Resume();
        await Task.WhenAll(delivery.RunAsync(stoppingToken), callbacks.RunAsync(stoppingToken)).ConfigureAwait(false);
        ledger.Flush();
    }
}
