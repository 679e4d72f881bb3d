using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates;

/// <summary>
/// A first look at the money, so that what can't be paid does not take tokens; the claim holds it. What is spent for good rejects; where only
/// holds of messages under way stand in the way, the message waits: they may be released.
/// </summary>
internal sealed class BudgetGate(TimeSpan recheck) : IGate
{
    public string Name => "budget";

    public GateDecision Judge(in GateInput input)
    {
        foreach (var budget in input.Budgets)
        {
            if (budget.SpentMicros + input.CostMicros > budget.LimitMicros)
            {
                return Say.Reject(
                    Name, Reason.BudgetExhausted, budget.IsTenants ? "Your account's budget is used up." : "The campaign's budget is used up.",
                    ("limit_micros", budget.LimitMicros), ("spent_micros", budget.SpentMicros), ("cost_micros", input.CostMicros));
            }

            if (budget.SpentMicros + budget.HeldMicros + input.CostMicros > budget.LimitMicros)
            {
                return Say.Defer(
                    Name,
                    Reason.BudgetHeld,
                    input.Now + recheck,
                    "The rest of the budget is held for messages that are on their way. The message waits for what becomes of them.",
                    ("limit_micros", budget.LimitMicros),
                    ("spent_micros", budget.SpentMicros),
                    ("held_micros", budget.HeldMicros),
                    ("cost_micros", input.CostMicros));
            }
        }

        return GateDecision.Pass;
    }
}
