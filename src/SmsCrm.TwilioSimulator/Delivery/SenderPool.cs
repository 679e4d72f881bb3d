using System.Globalization;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Delivery;

/// <summary>Chooses a messaging service's sender: always the same for the same recipient.</summary>
internal sealed class SenderPool(TwilioSimulatorOptions options, SenderBook senders)
{
    private readonly Dictionary<string, SimulatedMessagingService> _services = options.MessagingServices.ToDictionary(service => service.Sid);

    /// <summary>The service, or null for one that isn't configured.</summary>
    public SimulatedMessagingService? Find(string sid) => _services.GetValueOrDefault(sid);

    /// <summary>Whether a message may name this service: any, when none is configured.</summary>
    public bool Knows(string sid) => _services.Count == 0 || _services.ContainsKey(sid);

    /// <summary>Null when the service has no sender that can send.</summary>
    public Sender? Choose(Account account, TakenMessage message)
    {
        if (message.From is { } pinned)
            return senders.Find(account.Number, pinned);
        if (Find(message.ServiceSid ?? "") is not { } service)
            return senders.Find(account.Number, Derived(message.ServiceSid ?? ""));
        var place = Knobs.Draws.Mix(Hash64.OfAddress(message.To)) % (ulong)service.Senders.Count;
        return senders.Find(account.Number, service.Senders[(int)place]);
    }

    // A number of the fictional range, so that nothing outside a simulator can be meant by it.
    private static string Derived(string serviceSid) =>
        string.Create(CultureInfo.InvariantCulture, $"+1500555{(Hash64.Of(serviceSid) % 9000) + 1000:D4}");
}
