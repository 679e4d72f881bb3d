using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>What a list asks for. Times are milliseconds since 1970, the upper ones exclusive.</summary>
internal sealed record MessageFilter(int Account, int PageSize)
{
    public string? To { get; init; }
    public string? From { get; init; }

    /// <summary>The number of the sender <see cref="From"/>, -1 when nothing was ever sent from it.</summary>
    public int FromSender { get; init; } = MessageTable.None;
    public long SentFromMs { get; init; } = long.MinValue;
    public long SentBeforeMs { get; init; } = long.MaxValue;

    /// <summary>Messages created after this moment are not in the list yet (knob <c>list.lagMs</c>).</summary>
    public long CreatedUpToMs { get; init; } = long.MaxValue;

    /// <summary>Only messages taken before this place.</summary>
    public int OlderThan { get; init; } = int.MaxValue;

    public bool NeedsTexts => From is not null || To is not null;

    public bool Matches(in MessageEntry entry)
    {
        // A message that waits in a queue has no date of sending yet; it is found by the date of its creation.
        var sentMs = entry.SentMs != 0 ? entry.SentMs : entry.CreatedMs;
        return entry.Account == Account
            && !entry.Has(EntryFlags.Deleted)
            && entry.CreatedMs <= CreatedUpToMs
            && sentMs >= SentFromMs
            && sentMs < SentBeforeMs
            && (From is null || entry.Has(EntryFlags.Inbound) || (entry.Sender == FromSender && FromSender != MessageTable.None));
    }

    public bool MatchesTexts(MessageView view) => (From is null || view.From == From) && (To is null || view.Taken.To == To);
}
