namespace SmsCrm.Pipeline.Waiting;

/// <summary>
/// How much may be given out now: for each sender, tenant and account what its rate has brought since the last time, at most
/// half a second's worth. So the pipeline's buckets nearly always say yes. A message goes while each of its budgets is above
/// nothing, which may leave a debt. Pure; one task owns it.
/// </summary>
internal sealed class ReleaseBudgets
{
    private const double MostSeconds = 0.5;
    private readonly Dictionary<Guid, Budget> _budgets = [];

    /// <summary>Brings a budget up to <paramref name="nowSeconds"/> (any monotonic clock); a new one begins with a message's worth.</summary>
    public void Refill(Guid id, int segmentsPerSecond, double nowSeconds)
    {
        var most = Math.Max(1, segmentsPerSecond * MostSeconds);
        var budget = _budgets.TryGetValue(id, out var known) ? known : new Budget(1, nowSeconds);
        var left = Math.Min(most, budget.Left + ((nowSeconds - budget.At) * segmentsPerSecond));
        _budgets[id] = new Budget(left, nowSeconds);
    }

    /// <summary>Segments that may be given out; 0 or less: none.</summary>
    public double Left(ReadOnlySpan<Guid> ids)
    {
        var left = double.MaxValue;
        foreach (var id in ids)
        {
            left = Math.Min(left, _budgets[id].Left);
        }

        return left;
    }

    public void Spend(ReadOnlySpan<Guid> ids, int segments)
    {
        foreach (var id in ids)
        {
            var budget = _budgets[id];
            _budgets[id] = budget with { Left = budget.Left - segments };
        }
    }

    private readonly record struct Budget(double Left, double At);
}
