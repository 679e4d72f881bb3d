namespace SmsCrm.Pipeline.Waiting;

/// <summary>How the rows of a round are shared among the lanes. Pure.</summary>
internal static class ReleaseShares
{
    /// <summary>
    /// Who wants least is served first, and nobody gets more than an equal share of what is left then: a large lane costs a small one nothing, and
    /// nothing is left over while somebody wants more.
    /// </summary>
    /// <param name="wanted">Of each lane, 1 or more.</param>
    /// <param name="room">At least as many as there are lanes.</param>
    public static int[] Of(IReadOnlyList<int> wanted, int room)
    {
        var shares = new int[wanted.Count];
        var left = wanted.Count;
        foreach (var lane in Enumerable.Range(0, wanted.Count).OrderBy(lane => wanted[lane]))
        {
            shares[lane] = Math.Min(wanted[lane], room / left);
            room -= shares[lane];
            left--;
        }

        return shares;
    }
}
