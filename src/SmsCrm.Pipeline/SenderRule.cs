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
    /// <param name="country">The recipient's, ISO 3166-1 alpha-2; empty where the number has none.</param>
    /// <param name="isOut">Whether a sender or its account is out of order for the moment: of a pool one that is not sends instead. A message that was claimed
    /// never changes over: its next attempt, which needs proof, chooses anew.</param>
    public static SenderDecision Choose(
        ProviderSnapshot settings, TenantId tenant, string address, string pool, PhoneNumber recipient, string country, Func<Sender, bool> isOut)
    {
        if (address.Length > 0)
        {
            return Named(settings, settings.Sender(tenant, address), address, country);
        }

        var name = pool.Length > 0 ? pool : DefaultPool;
        var senders = settings.Pool(tenant, name);
        var able = senders.Where(sender => MayText(sender, country)).ToList();

        if (able.Exists(new(isOut)) && able.FindAll(sender => !isOut(sender)) is { Count: > 0 } others)
        {
            able = others;
        }

        // An account of weight 0 stands by: it sends only when no other one can.
        var main = able.Where(sender => WeightOf(settings, sender) > 0).ToList();
        if ((main.Count > 0 ? main : able) is { Count: > 0 } choice)
        {
            return Usable(settings, choice[SenderChoice.Of(
                choice, static sender => sender.Id, sender => Math.Max(1, WeightOf(settings, sender)), recipient)]);
        }

        if (senders.Count > 0)
        {
            return None(
                $"No sender of the pool \"{name}\" may text to {country}. Add one that may, or send from another pool.", ("pool", name), ("country", country));
        }

        var halted = settings.Senders.FirstOrDefault(sender => sender.Tenant == tenant && sender.Pool == name && sender.IsActive);
        return halted is not null
            ? Usable(settings, halted)
            : None($"The pool \"{name}\" has no active sender. Add a sender to it, or unblock one.", ("pool", name));
    }

    /// <summary>Its own list of countries; else what its kind allows: names are not taken in North America, short codes and toll-free numbers are of there only.</summary>
    private static bool MayText(Sender sender, string country) => sender.Countries.Count > 0
        ? country.Length == 0 || sender.Countries.Contains(country)
        : sender.Kind switch
        {
            "alphanumeric" => !IsNorthAmerican(country),
            "short_code" or "toll_free" => country.Length == 0 || IsNorthAmerican(country),
            _ => true,
        };

    private static bool IsNorthAmerican(string country) => country is "US" or "CA" or "PR" or "VI" or "GU" or "AS" or "MP";

    private static int WeightOf(ProviderSnapshot settings, Sender sender) => sender.Weight * (settings.Account(sender.AccountId)?.Weight ?? 1);

    private static SenderDecision Named(ProviderSnapshot settings, Sender? sender, string address, string country) => sender switch
    {
        null => None($"{address} is not one of your senders. Add it, or send from a pool.", ("sender", address)),
        { IsActive: false } => None(
            $"The sender {address} is blocked{(sender.BlockedReason is { } why ? $" ({why})" : "")}. Unblock it, or send from another one.", ("sender", address)),
        _ when !MayText(sender, country) => None(
            $"The sender {address} may not text to {country}. Send from another one.", ("sender", address), ("country", country)),
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

    private static SenderDecision.NoSender None(string sentence, params ReadOnlySpan<(string, object?)> facts) =>
        new(new Verdict(Reason.NoSender, VerdictText.Json("sender", sentence, null, facts)));
}
