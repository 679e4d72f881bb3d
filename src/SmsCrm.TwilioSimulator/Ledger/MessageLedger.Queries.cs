using SmsCrm.TwilioSimulator.Api;

namespace SmsCrm.TwilioSimulator.Ledger;

internal sealed partial class MessageLedger
{
    public int Count
    {
        get
        {
            lock (_gate)
                return _table.Count;
        }
    }

    /// <summary>A message by its sid, whoever's it is, deleted ones too; null when this ledger has none.</summary>
    public MessageView? Find(ReadOnlySpan<char> sid)
    {
        lock (_gate)
        {
            if (!_mint.TryRead(sid, out var index) || index >= _table.Count)
                return null;
            var isMedia = _table[index].Has(EntryFlags.IsMedia);
            return sid.StartsWith(isMedia ? "MM" : "SM", StringComparison.Ordinal) ? View_NeedsLock(index) : null;
        }
    }

    /// <summary>A message by its place.</summary>
    public MessageView View(int index)
    {
        lock (_gate)
            return View_NeedsLock(index);
    }

    /// <summary>The first message that carried this id of the caller's.</summary>
    public MessageView? FindByOwnId(string ownId)
    {
        lock (_gate)
        {
            var index = _table.FirstWithOwnId(Hash64.Of(ownId));
            return index == MessageTable.None ? null : View_NeedsLock(index);
        }
    }

    /// <summary>The messages to a recipient in any account, newest first.</summary>
    public List<MessageView> FindByRecipient(string to, int most)
    {
        lock (_gate)
            return [.. _table.NewestFirst(Hash64.OfAddress(to)).Take(most).Select(View_NeedsLock)];
    }

    /// <summary>A page of a list, newest first.</summary>
    /// <param name="hasMore">Whether older messages follow.</param>
    public List<MessageView> Page(MessageFilter filter, out bool hasMore)
    {
        lock (_gate)
        {
            var page = new List<MessageView>();
            hasMore = false;
            foreach (var index in filter.To is { } to ? _table.NewestFirst(Hash64.OfAddress(to)) : Descending_NeedsLock(filter.OlderThan))
            {
                ref var entry = ref _table[index];
                if (index >= filter.OlderThan || !filter.Matches(entry))
                    continue;
                var view = View_NeedsLock(index);
                if (!filter.MatchesTexts(view))
                    continue;
                if (page.Count == filter.PageSize)
                {
                    hasMore = true;
                    break;
                }
                page.Add(view);
            }
            return page;
        }
    }

    /// <summary>The place right after the newest message that a page of this size, ending just before <paramref name="newerThan"/>, begins with.</summary>
    public int StartOfPageBefore(MessageFilter filter, int newerThan)
    {
        lock (_gate)
        {
            var start = newerThan + 1;
            var found = 0;
            for (var index = newerThan + 1; index < _table.Count && found < filter.PageSize; index++)
            {
                ref var entry = ref _table[index];
                if (!filter.Matches(entry) || (filter.NeedsTexts && !filter.MatchesTexts(View_NeedsLock(index))))
                    continue;
                found++;
                start = index + 1;
            }
            return start;
        }
    }

    public LedgerCounts Counts()
    {
        lock (_gate)
        {
            return new LedgerCounts(
                _table.Count - _table.Inbound,
                _table.Inbound,
                [.. _table.ByStatus],
                Duplicates_NeedsLock(_table.PairDuplicates),
                Duplicates_NeedsLock(_table.OwnIdDuplicates));
        }
    }

    private DuplicateReport Duplicates_NeedsLock(DuplicateCount count) => new(
        count.Distinct,
        count.Repeated,
        [.. count.Sample.Select(pair => (View_NeedsLock(pair.First), View_NeedsLock(pair.Repeat)))]);

    private IEnumerable<int> Descending_NeedsLock(int olderThan)
    {
        for (var index = Math.Min(olderThan, _table.Count) - 1; index >= 0; index--)
            yield return index;
    }

    private MessageView View_NeedsLock(int index)
    {
        ref var entry = ref _table[index];
        var taken = TakenMessage.Read(_journal.ReadAt(entry.Offset));
        return new MessageView(index, _mint.Mint(taken.SidPrefix, index), taken, entry.Status)
        {
            From = taken.From ?? (entry.Sender == MessageTable.None ? null : _senders[entry.Sender].Name),
            Body = entry.Has(EntryFlags.Redacted) ? "" : taken.Body,
            UpdatedMs = entry.UpdatedMs,
            SentMs = entry.SentMs,
            ErrorCode = entry.ErrorCode,
            IsDeleted = entry.Has(EntryFlags.Deleted),
            OwedCallbacks = entry.OwedCallbacks,
        };
    }
}

/// <summary>What the ledger holds.</summary>
/// <param name="Taken">Outbound messages.</param>
internal sealed record LedgerCounts(
    long Taken, long Inbound, long[] ByStatus, DuplicateReport ByRecipientAndBody, DuplicateReport ByMessageId);

internal sealed record DuplicateReport(long Distinct, long Repeated, IReadOnlyList<(MessageView First, MessageView Repeat)> Sample);
