using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>Opens the ledger when the simulator is built: the accounts first, since its messages belong to them.</summary>
internal static class LedgerOpening
{
    public static MessageLedger Open(IServiceProvider services)
    {
        var options = services.GetRequiredService<TwilioSimulatorOptions>();
        var accounts = services.GetRequiredService<AccountBook>();
        var time = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<ILogger<MessageLedger>>();
        foreach (var account in options.Accounts)
            accounts.Put(account);
        var started = time.GetTimestamp();
        var ledger = MessageLedger.Open(
            options.LedgerPath, accounts, services.GetRequiredService<SenderBook>(), options.MessageIdParameter, out var cutOff);
        if (cutOff > 0)
            Log.LedgerCutOff(log, cutOff);
        Log.LedgerRead(log, ledger.Count, (long)time.GetElapsedTime(started).TotalMilliseconds);
        return ledger;
    }
}
