using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>
/// Folds the provider's words into one row, pure. The outcome is the same in whatever order and number they come: the state goes by rank,
/// a word is told once (a bit of <c>seen</c>), another sid than the bound one is told once per sid and changes nothing.
/// </summary>
internal static class ReceiptFold
{
    private const int OtherWordBit = 1 << (int)EventKind.OtherWord;
    private const int TextedTwiceBit = 1 << (int)EventKind.TextedTwice;

    /// <param name="row">Null: the id has no row; <paramref name="first"/> is what to insert then.</param>
    /// <param name="toldTwice">The details of what was told of other sids before.</param>
    /// <returns>Null: nothing new.</returns>
    public static RowChange? Fold(
        MessageId id, LockedRow? row, AcceptedMessage? first, IEnumerable<ProviderWord> words, IEnumerable<string> toldTwice)
    {
        var seen = row?.Facts ?? RowFacts.NoRow;
        var (state, reason, code) = (seen.State, seen.Reason, seen.Code);
        var (sid, bits, attempt) = (row?.Sid, row?.SeenBits ?? 0, seen.Attempt);
        var told = new List<LedgerEvent>();
        var foreign = toldTwice.ToList();
        foreach (var word in words)
        {
            if (sid is { } bound && bound != word.Sid)
            {
                if (!foreign.Exists(detail => detail.Contains(word.Sid.ToString(), StringComparison.Ordinal)))
                {
                    foreign.Add(word.TextedTwiceDetail);
                    bits |= TextedTwiceBit;
                    told.Add(new(EventKind.TextedTwice, word.Code, word.At, word.TextedTwiceDetail));
                }

                continue;
            }

            var bit = word.State is { } meaning ? Bit(meaning) : OtherWordBit;
            if ((bits & bit) != 0)
            {
                continue;
            }

            bits |= bit;
            attempt = Math.Max(attempt, row is null ? word.Attempt : attempt);
            told.Add(new(word.State is { } known ? (EventKind)known : EventKind.OtherWord, word.Code, word.At, word.State is null ? word.Status : null));
            if (word.State is not { } said)
            {
                continue;
            }

            sid ??= word.Sid;
            var folded = MessageStates.Fold(state, said);
            if (folded != state)
            {
                (state, reason, code) = (folded, Reason.None, folded == MessageState.Undelivered ? word.Code : 0);
            }
        }

        return told.Count == 0 || (row is null && (first is null || sid is null)) ? null : new RowChange(id, seen)
        {
            Message = first,
            State = state,
            Attempt = attempt,
            Reason = reason,
            Code = code,
            Sid = sid,
            SeenBits = bits,
            Events = told,
        };
    }

    /// <summary>Its timeline has a line about another sid than the bound one.</summary>
    public static bool WasToldTwice(LockedRow row) => (row.SeenBits & TextedTwiceBit) != 0;

    /// <summary>The bit of <c>seen</c> that says that this word of the bound sid is on the timeline.</summary>
    public static int Bit(MessageState word) => 1 << (int)word;
}
