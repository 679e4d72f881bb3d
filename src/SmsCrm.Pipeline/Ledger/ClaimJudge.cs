using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>What a claim's transaction got hold of, as it then stands; what one message of the batch takes the next does not have.</summary>
/// <param name="Now">The database's clock, from after the locks.</param>
internal sealed record Held(DateTimeOffset Now)
{
    /// <summary>By budget; null: another session has its row. A budget that is gone is absent and binds nobody.</summary>
    public Dictionary<Guid, BudgetLeft?> Budgets { get; } = [];

    /// <summary>What went to the recipients whose turn this transaction has; the others are absent.</summary>
    public Dictionary<(TenantId Tenant, PhoneNumber Number), List<RecentText>> Recipients { get; } = [];
}

/// <summary>A budget as a claim's transaction sees it; what the transaction holds itself is added as it goes.</summary>
internal sealed class BudgetLeft(long limit, long held, long spent)
{
    public long Limit => limit;

    public long Held { get; set; } = held;

    public long Spent => spent;

    public string Explain(string sentence, long cost, DateTimeOffset? next) => VerdictText.Json(
        "budget", sentence, next, ("limit_micros", Limit), ("spent_micros", Spent), ("held_micros", Held), ("cost_micros", cost));
}

/// <summary>Judges a claim again on what its transaction holds. Pure but for what it takes from <see cref="Held"/>.</summary>
internal static class ClaimJudge
{
    /// <summary>How long a message waits for what others hold to be spent or released.</summary>
    private static readonly TimeSpan HeldRecheck = TimeSpan.FromSeconds(5);

    /// <returns>The claim, or what is written instead of it; null: another session has what it needs.</returns>
    public static RowChange? Judge(ClaimEntry entry, RowChange claim, Held held)
    {
        var (message, terms) = (entry.Message, entry.Terms);
        List<RecentText>? texts = null;
        // What an earlier attempt holds, which ended by evidence, pays for this one too: it is held once.
        var budgets = entry.Seen.IsByEvidence ? [] : terms.Budgets.Where(held.Budgets.ContainsKey).Select(id => held.Budgets[id]).ToList();
        if (budgets.Contains(null) || (terms.Limits is not null && !held.Recipients.TryGetValue((message.Tenant, message.Recipient), out texts)))
        {
            return null;
        }

        if (terms.Limits?.Judge(new RecentTexts(texts!), message.Purpose, message.ContentHash, held.Now) is { } over)
        {
            return Decisions.Reject(new RejectEntry(message, entry.Seen, over));
        }

        var cost = terms.CostMicros;
        if (budgets.Find(budget => budget!.Spent + cost > budget.Limit) is { } exhausted)
        {
            return Decisions.Reject(new RejectEntry(
                message, entry.Seen, new Verdict(Reason.BudgetExhausted, exhausted.Explain("The budget is used up.", cost, null))));
        }

        if (budgets.Find(budget => budget!.Spent + budget.Held + cost > budget.Limit) is { } full)
        {
            var due = held.Now + HeldRecheck;
            return Decisions.Defer(new DeferEntry(
                message, entry.Seen, Reason.BudgetHeld, due, entry.SenderId,
                full.Explain("The rest of the budget is held for messages that are on their way.", cost, due)));
        }

        budgets.ForEach(budget => budget!.Held += cost);
        texts?.Add(new RecentText(held.Now, message.Purpose, message.ContentHash));
        return claim;
    }
}
