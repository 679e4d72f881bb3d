namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>
/// How much one recipient may get of a tenant. Judged twice by the same rules: by the gates, on the batch's facts, and in the claim, on what the
/// recipient has got by then, where no other claim for it runs.
/// </summary>
/// <param name="Caps">Of the tenant and of the recipient's state; may be empty.</param>
/// <param name="DuplicateWindow">How long the same body does not go again; zero: at any time.</param>
/// <param name="RulesVersion">Of the tenant's rules, kept with the verdict.</param>
public sealed record RecipientLimits(IReadOnlyList<FrequencyCap> Caps, TimeSpan DuplicateWindow, long RulesVersion)
{
    /// <summary>Whether there is anything to judge.</summary>
    public bool BindAnything => Caps.Count > 0 || DuplicateWindow > TimeSpan.Zero;

    /// <returns>Null: one more may go.</returns>
    public Verdict? Judge(RecentTexts recent, Purpose purpose, long contentHash, DateTimeOffset now) =>
        JudgeDuplicate(recent, contentHash, now) ?? JudgeCaps(recent, purpose, now);

    public Verdict? JudgeCaps(RecentTexts recent, Purpose purpose, DateTimeOffset now)
    {
        foreach (var cap in Caps)
        {
            if (recent.FreeAt(cap, purpose, now) is { } free)
            {
                return new Verdict(Reason.FrequencyCap, VerdictText.Json(
                    GateNames.FrequencyCap,
                    "The recipient had as many texts lately as the cap allows.",
                    null,
                    ("most", cap.Messages),
                    ("window_seconds", (long)cap.Window.TotalSeconds),
                    ("purpose", cap.Purpose is null ? "any" : cap.Purpose == Purpose.Marketing ? "marketing" : "transactional"),
                    ("next", free),
                    ("rules", RulesVersion)));
            }
        }

        return null;
    }

    public Verdict? JudgeDuplicate(RecentTexts recent, long contentHash, DateTimeOffset now) =>
        DuplicateWindow > TimeSpan.Zero && recent.SentAt(contentHash, DuplicateWindow, now) is { } sent
            ? new Verdict(Reason.DuplicateContent, VerdictText.Json(
                GateNames.DuplicateContent,
                "The same text went to this recipient a short while ago.",
                null,
                ("sent_at", sent),
                ("window_seconds", (long)DuplicateWindow.TotalSeconds),
                ("rules", RulesVersion)))
            : null;
}
