using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

/// <summary>From which number a message goes: a closed set.</summary>
internal abstract record SenderDecision
{
    private SenderDecision()
    {
    }

    public sealed record Chosen(Sender Sender, ProviderAccount Account) : SenderDecision;

    /// <summary>There are senders, but their account is halted: the message waits.</summary>
    public sealed record Unavailable(Guid SenderId, string Detail) : SenderDecision;

    public sealed record NoSender(Verdict Verdict) : SenderDecision;
}

/// <summary>The sender that a request names, or one of its pool, always the same for a recipient; active ones only.</summary>
internal static class SenderRule
{
    private const string DefaultPool = "default";

    /// <param name="address">The sender that the request names; empty where it names none.</param>
    /// <param name="pool">The pool that it names; empty for the tenant's default pool.</param>
    public static SenderDecision Choose(ProviderSnapshot settings, TenantId tenant, string address, string pool, PhoneNumber recipient)
    {
        if (address.Length > 0)
        {
            return Named(settings, settings.Sender(tenant, address), address);
        }

        var name = pool.Length > 0 ? pool : DefaultPool;
        var senders = settings.Pool(tenant, name);
        if (senders.Count > 0)
        {
            return Usable(settings, senders[SenderChoice.Of(senders, static sender => sender.Id, recipient)]);
        }

        var halted = settings.Senders.FirstOrDefault(sender => sender.Tenant == tenant && sender.Pool == name && sender.IsActive);
        return halted is not null
            ? Usable(settings, halted)
            : None($"The pool \"{name}\" has no active sender. Add a sender to it, or unblock one.", ("pool", name));
    }

    private static SenderDecision Named(ProviderSnapshot settings, Sender? sender, string address) => sender switch
    {
        null => None($"{address} is not one of your senders. Add it, or send from a pool.", ("sender", address)),
        { IsActive: false } => None($"The sender {address} is blocked. Unblock it, or send from another one.", ("sender", address)),
        _ => Usable(settings, sender),
    };

    private static SenderDecision Usable(ProviderSnapshot settings, Sender sender) => settings.Account(sender.AccountId) switch
    {
        { IsHalted: false } entry => new SenderDecision.Chosen(sender, entry.Account),
        var entry => new SenderDecision.Unavailable(sender.Id, VerdictText.Json(
            "sender",
            "The provider account of the sender is out of order. The message waits until it works again.",
            null,
            ("sender", sender.Address),
            ("halted", entry?.HaltedReason ?? "its credentials can't be read"))),
    };

    private static SenderDecision.NoSender None(string sentence, (string, object?) fact) =>
        new(new Verdict(Reason.NoSender, VerdictText.Json("sender", sentence, null, fact)));
}
