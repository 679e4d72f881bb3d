namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>A text that went to a recipient, or may have gone.</summary>
/// <param name="ClaimedAt">By Postgres' clock.</param>
/// <param name="ContentHash">Of its body (<see cref="Messages.ContentHash"/>).</param>
public readonly record struct RecentText(DateTimeOffset ClaimedAt, Purpose Purpose, long ContentHash);

/// <summary>What a tenant sent a recipient lately: claimed, taken in any state, unknown and uncertain ones; what certainly did not go is not among them.</summary>
public sealed class RecentTexts(IReadOnlyList<RecentText> texts)
{
    public static RecentTexts None { get; } = new([]);

    public bool AnyMarketing => texts.Any(text => text.Purpose == Purpose.Marketing);

    /// <summary>When a cap allows one more text; null: now.</summary>
    public DateTimeOffset? FreeAt(FrequencyCap cap, Purpose purpose, DateTimeOffset now)
    {
        if (cap.Purpose is { } only && only != purpose)
        {
            return null;
        }

        var counting = texts.Where(text => text.ClaimedAt > now - cap.Window && (cap.Purpose is null || text.Purpose == cap.Purpose))
            .Select(text => text.ClaimedAt).OrderDescending().Take(cap.Messages).ToList();
        return counting.Count < cap.Messages ? null : counting[^1] + cap.Window;
    }

    /// <summary>When the same body went within the window; null: it did not.</summary>
    public DateTimeOffset? SentAt(long contentHash, TimeSpan window, DateTimeOffset now)
    {
        DateTimeOffset? last = null;
        foreach (var text in texts)
        {
            if (text.ContentHash == contentHash && text.ClaimedAt > now - window && (last is null || text.ClaimedAt > last))
            {
                last = text.ClaimedAt;
            }
        }

        return last;
    }
}
