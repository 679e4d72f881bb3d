using Npgsql;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ledger;

/// <summary>Decides about some ids, on the rows as they are now, locked.</summary>
/// <param name="ids">These and no others: a batch may be halved.</param>
/// <param name="rows">By id; an id without a row is absent.</param>
/// <param name="toldTwice">The details of what the timelines say of other sids, where they were asked for.</param>
internal delegate IReadOnlyList<RowChange> Decide(
    IReadOnlyList<MessageId> ids, IReadOnlyDictionary<MessageId, LockedRow> rows, ILookup<MessageId, string> toldTwice);

/// <summary>
/// Writes batches of changes, each batch one transaction, tried again and halved until every change has its result. A statement that was sent is never cancelled: whoever gives up waiting for a
/// COMMIT does not know its fate. So the caller's token is heard before a batch and never within.
/// </summary>
internal sealed class LedgerEngine(NpgsqlDataSource postgres, LedgerMetrics metrics, TimeProvider clock)
{
    private const int TriesInTheWay = 6;

    /// <summary>As <see cref="ApplyAsync(IReadOnlyList{RowChange}, ClaimBatch?, CancellationToken)"/>, in the caller's way: tried again, halved, results set.</summary>
    public Task ApplyAsync(IReadOnlyList<RowChange> changes, Func<IReadOnlyList<RowChange>, Task> apply, CancellationToken cancellation) =>
        HalvingAsync(Sorted(changes), apply, cancellation);

    /// <summary>One round trip, COMMIT included: changes of rows as they were seen. Results are set on the changes.</summary>
    public Task ApplyAsync(IReadOnlyList<RowChange> changes, ClaimBatch? claim, CancellationToken cancellation) =>
        HalvingAsync(Sorted(changes), part => ApplyOnceAsync(part, claim), cancellation);

    /// <summary>
    /// Two round trips in one transaction: locks the rows, lets <paramref name="decide"/> fold what it then sees, writes what it says.
    /// The rows are locked until the end, so only an insert can still be lost.
    /// </summary>
    public async Task<IReadOnlyList<RowChange>> DecideLockedAsync(
        IReadOnlyCollection<MessageId> ids,
        Decide decide,
        Func<LockedRow, bool>? asksToldTwice,
        CancellationToken cancellation)
    {
        var changes = new List<RowChange>(ids.Count);
        await DecideHalvingAsync(ids.Distinct().Order().ToArray(), decide, asksToldTwice, changes, cancellation).ConfigureAwait(false);
        return changes;
    }

    private static RowChange[] Sorted(IReadOnlyList<RowChange> changes) => [.. changes.OrderBy(change => change.Id)];

    /// <summary>Runs a batch; one that an entry makes fail is halved until that entry stands alone, then tried without its free text.</summary>
    private async Task HalvingAsync(ArraySegment<RowChange> changes, Func<IReadOnlyList<RowChange>, Task> apply, CancellationToken cancellation)
    {
        if (changes.Count == 0)
        {
            return;
        }

        for (var tries = 1; ; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                await apply(changes).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.InTheWay && tries < TriesInTheWay)
            {
                await PauseAsync(tries, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry)
            {
                if (changes.Count > 1)
                {
                    metrics.Halved();
                    var half = changes.Count / 2;
                    await HalvingAsync(changes[..half], apply, cancellation).ConfigureAwait(false);
                    await HalvingAsync(changes[half..], apply, cancellation).ConfigureAwait(false);
                    return;
                }

                if (!changes[0].HasFreeText)
                {
                    changes[0].Result = new EntryResult(changes[0].Id, TransitionResult.Unusable, default, Error: BatchFaults.Sentence(e));
                    return;
                }

                changes[0].LeaveOutFreeText();
            }
        }
    }

    private async Task DecideHalvingAsync(
        ArraySegment<MessageId> ids,
        Decide decide,
        Func<LockedRow, bool>? asksToldTwice,
        List<RowChange> written,
        CancellationToken cancellation)
    {
        for (var tries = 1; ids.Count > 0; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<RowChange> changes = [];
            try
            {
                await DecideOnceAsync(ids, (part, rows, twice) => changes = decide(part, rows, twice), asksToldTwice).ConfigureAwait(false);
                written.AddRange(changes);
                return;
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.InTheWay && tries < TriesInTheWay)
            {
                await PauseAsync(tries, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry && ids.Count > 1)
            {
                metrics.Halved();
                var half = ids.Count / 2;
                await DecideHalvingAsync(ids[..half], decide, asksToldTwice, written, cancellation).ConfigureAwait(false);
                await DecideHalvingAsync(ids[half..], decide, asksToldTwice, written, cancellation).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry && changes.Any(change => change.HasFreeText))
            {
                var decideFully = decide;
                decide = (part, rows, twice) => WithoutFreeText(decideFully(part, rows, twice));
            }
            catch (Exception e) when (BatchFaults.Of(e) == BatchFault.Entry && changes.Count == 1)
            {
                changes[0].Result = new EntryResult(changes[0].Id, TransitionResult.Unusable, default, Error: BatchFaults.Sentence(e));
                written.Add(changes[0]);
                return;
            }
        }
    }

    private static IReadOnlyList<RowChange> WithoutFreeText(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes)
        {
            change.LeaveOutFreeText();
        }

        return changes;
    }

    private async Task PauseAsync(int tries, CancellationToken cancellation)
    {
        metrics.InTheWay();
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 * tries)), clock, cancellation).ConfigureAwait(false);
    }

    private async Task ApplyOnceAsync(IReadOnlyList<RowChange> changes, ClaimBatch? claim)
    {
        var started = clock.GetTimestamp();
        await using var connection = await postgres.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await RowWrites.WriteAsync(connection, changes, claim).ConfigureAwait(false);
        metrics.Applied(changes, clock.GetElapsedTime(started));
    }

    private async Task DecideOnceAsync(
        IReadOnlyList<MessageId> sortedIds,
        Decide decide,
        Func<LockedRow, bool>? asksToldTwice)
    {
        var started = clock.GetTimestamp();

        // Begun and committed by statements of the batches themselves, so that they cost no round trip; a connection that is closed
        // within a transaction is rolled back.
        await using var connection = await postgres.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        var rows = await LockedRows.LockAsync(connection, sortedIds).ConfigureAwait(false);
        var asked = asksToldTwice is null ? [] : rows.Values.Where(asksToldTwice).Select(row => row.Id.Value).ToArray();
        var twice = await LockedRows.ReadToldTwiceAsync(connection, asked).ConfigureAwait(false);
        var changes = Sorted(decide(sortedIds, rows, twice));
        await RowWrites.WriteLockedAndCommitAsync(connection, changes).ConfigureAwait(false);
        metrics.Applied(changes, clock.GetElapsedTime(started));
    }
}
