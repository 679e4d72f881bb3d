namespace SmsCrm.Pipeline.Links;

/// <summary>The words that docs/links.md has for <see cref="HitFlags"/>.</summary>
public static class HitWords
{
    private static readonly (HitFlags Flag, string Word)[] All =
    [
        (HitFlags.Head, "head"), (HitFlags.Agent, "agent"), (HitFlags.Prefetch, "prefetch"), (HitFlags.TooSoon, "too_soon"),
        (HitFlags.ManyFromAddress, "many_from_address"), (HitFlags.DataCentre, "data_centre"), (HitFlags.OtherCountry, "other_country"),
    ];

    /// <summary>What a click may have been flagged with; a HEAD request is none.</summary>
    public static IReadOnlyList<string> OfClicks { get; } = [.. All.Where(static word => word.Flag != HitFlags.Head).Select(static word => word.Word)];

    /// <summary>Why the hit is no person's; empty where it is one's.</summary>
    public static IReadOnlyList<string> Words(this HitFlags flags) => [.. All.Where(word => flags.HasFlag(word.Flag)).Select(static word => word.Word)];
}
