using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>The provider's word, taken in any state: by one guarded round trip where it meets the row that was claimed, else by lock and fold.</summary>
internal sealed class ProviderWords(LedgerEngine engine, LedgerMetrics metrics, ILogger<ProviderWords> logger)
{
    // An id that gets its first row between our look and our insert is looked at again.
    private const int Tries = 3;

    public async Task<IReadOnlyList<EntryResult>> RecordOutcomesAsync(IReadOnlyList<OutcomeEntry> entries, CancellationToken cancellation)
    {
        var results = new EntryResult[entries.Count];
        var changes = entries.Select(entry => Decisions.Outcome(entry, entry.Claimed)).ToArray();
        await engine.ApplyAsync([.. changes.OfType<RowChange>()], claim: null, cancellation).ConfigureAwait(false);
        var overtaken = new Dictionary<MessageId, OutcomeEntry>();
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = changes[i]?.Result ?? new EntryResult(entries[i].Message.Id, TransitionResult.Lost, default);
            if (results[i].Result == TransitionResult.Lost)
            {
                overtaken[results[i].Id] = entries[i];
            }
        }

        if (overtaken.Count > 0)
        {
            var late = await RecordOvertakenAsync(overtaken, cancellation).ConfigureAwait(false);
            results = [.. results.Select(result => late.GetValueOrDefault(result.Id, result))];
        }

        return results;
    }

    public async Task<IReadOnlyList<EntryResult>> ApplyReceiptsAsync(IReadOnlyList<ReceiptEntry> entries, CancellationToken cancellation)
    {
        var receipts = entries.ToLookup(entry => entry.Id);
        var results = new Dictionary<MessageId, EntryResult>(receipts.Count);
        IReadOnlyCollection<MessageId> open = [.. receipts.Select(group => group.Key)];
        for (var tries = 0; open.Count > 0 && tries < Tries; tries++)
        {
            var changes = await engine.DecideLockedAsync(open, Fold, ReceiptFold.WasToldTwice, cancellation).ConfigureAwait(false);
            foreach (var change in changes)
            {
                results[change.Id] = change.Result;
                ReportTwice(change);
            }

            open = [.. changes.Where(change => change.Result.Result == TransitionResult.Lost).Select(change => change.Id)];
        }

        return [.. entries.Select(entry => results[entry.Id])];

        IReadOnlyList<RowChange> Fold(
            IReadOnlyList<MessageId> part, IReadOnlyDictionary<MessageId, LockedRow> rows, ILookup<MessageId, string> twice)
        {
            var changes = new List<RowChange>(receipts.Count);
            foreach (var id in part)
            {
                var row = rows.GetValueOrDefault(id);
                var entry = receipts[id].FirstOrDefault(receipt => receipt.Recipient is not null);
                var first = row is null && entry is not null ? Decisions.Nameless(id, entry.Tenant, entry.Recipient!.Value, "") : null;

                // A callback is signed for a tenant's account: its word about another tenant's message is nobody's.
                var words = receipts[id].Where(receipt => row is null || receipt.Tenant == row.Tenant).Select(ProviderWord.Of).ToList();
                var change = words.Count == 0 ? null : ReceiptFold.Fold(id, row, first, words, twice[id]);
                if (change is not null)
                {
                    changes.Add(change);
                }
                else
                {
                    var known = row is not null && words.Count > 0;
                    results[id] = new EntryResult(id, known ? TransitionResult.AlreadyThere : TransitionResult.NotFound, row?.Facts ?? default);
                }
            }

            return changes;
        }
    }

    /// <summary>Somebody was faster: a callback, the reconciler, or our own first try whose commit we did not hear of.</summary>
    private async Task<Dictionary<MessageId, EntryResult>> RecordOvertakenAsync(
        Dictionary<MessageId, OutcomeEntry> entries, CancellationToken cancellation)
    {
        var results = new Dictionary<MessageId, EntryResult>(entries.Count);
        var changes = await engine.DecideLockedAsync(entries.Keys, Decide, ReceiptFold.WasToldTwice, cancellation).ConfigureAwait(false);
        foreach (var change in changes)
        {
            results[change.Id] = change.Result;
            ReportTwice(change);
        }

        return results;

        IReadOnlyList<RowChange> Decide(
            IReadOnlyList<MessageId> part, IReadOnlyDictionary<MessageId, LockedRow> rows, ILookup<MessageId, string> twice)
        {
            var decided = new List<RowChange>(part.Count);
            foreach (var id in part)
            {
                var entry = entries[id];
                if (!rows.TryGetValue(id, out var row))
                {
                    results[id] = new EntryResult(id, TransitionResult.NotFound, default);
                }
                else if (ChangeOf(entry, row, twice[id]) is { } change)
                {
                    decided.Add(change);
                }
                else
                {
                    results[id] = new EntryResult(id, IsRecorded(entry, row) ? TransitionResult.AlreadyThere : TransitionResult.Lost, row.Facts);
                }
            }

            return decided;
        }
    }

    private static RowChange? ChangeOf(OutcomeEntry entry, LockedRow row, IEnumerable<string> toldTwice) => entry.Outcome is ClaimOutcome.Taken taken
        ? ReceiptFold.Fold(row.Id, row, null, [ProviderWord.OfAnswer(taken.Sid, entry.Claimed.Attempt)], toldTwice)
        : Decisions.Outcome(entry, row.Facts);

    /// <summary>Whether the row is what the outcome makes of it: a second try after a commit whose answer was lost.</summary>
    private static bool IsRecorded(OutcomeEntry entry, LockedRow row) => row.Facts.Attempt == entry.Claimed.Attempt && entry.Outcome switch
    {
        ClaimOutcome.Taken => true,
        ClaimOutcome.Failed => row.Facts.State == MessageState.Failed,
        ClaimOutcome.TryAgain => row.Facts.State == MessageState.Deferred,
        ClaimOutcome.Unknown => row.Facts.State == MessageState.Unknown,
        _ => throw new UnreachableException("ClaimOutcome is a closed set"),
    };

    private void ReportTwice(RowChange change)
    {
        if (change.Result.Result == TransitionResult.Won && change.Events.Any(told => told.Kind == EventKind.TextedTwice))
        {
            metrics.TextedTwice();
            Log.TextedTwice(logger, change.Id);
        }
    }
}
