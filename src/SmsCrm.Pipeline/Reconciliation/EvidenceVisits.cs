using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>
/// Decides the unknown attempts of tenants that let evidence count (docs/adr/0004-what-evidence-risks.md): absence from the provider's list, long
/// enough, where the attempt is over and nothing else can be mistaken for it, lets one more attempt go. Everything else ends as <c>uncertain</c>.
/// </summary>
internal sealed class EvidenceVisits(
    ILedgerReads reads,
    AttemptReads attempts,
    ProviderList list,
    ProviderDirectory directory,
    UnknownOutcomes outcomes,
    EvidenceClock clock,
    ReconciliationOptions options)
{
    private TimeSpan LongEnough => TimeSpan.FromSeconds(options.EvidenceAfterSeconds);

    /// <returns>How many batches were visited for good.</returns>
    public async Task<int> VisitAsync(CancellationToken cancellation)
    {
        var age = TimeSpan.FromSeconds(options.ClaimAgeSeconds) + LongEnough;
        var batches = await reads.ReadClaimsAsync(ReconcilerVisit.Evidence, age, options.BatchesAtOnce, cancellation).ConfigureAwait(false);
        var visited = 0;
        foreach (var batch in batches)
        {
            var rows = (await reads.ReadRowsInAsync(batch.Messages, [MessageState.Unknown], cancellation).ConfigureAwait(false))
                .Where(row => Allows(row.Tenant)).ToList();
            if (!await DecideAsync(batch, rows, cancellation).ConfigureAwait(false))
            {
                // The mark must not pass it: the rest waits with it.
                break;
            }

            visited++;
        }

        if (visited > 0)
        {
            await reads.MarkVisitedAsync(ReconcilerVisit.Evidence, batches[visited - 1].At, cancellation).ConfigureAwait(false);
        }

        return visited;
    }

    /// <summary>Whether the tenant lets absence from the provider's list count.</summary>
    public bool Allows(TenantId tenant) => directory.Current.Tenant(tenant) is { AllowsEvidence: true };

    /// <returns>Whether all of them are decided.</returns>
    private async Task<bool> DecideAsync(ClaimedBatch batch, IReadOnlyList<LedgerRow> rows, CancellationToken cancellation)
    {
        var ripe = rows.Where(row => clock.Note(row.Id, row.Facts.Attempt) >= LongEnough).ToList();
        if (ripe.Count == 0)
        {
            return rows.Count == 0;
        }

        var open = await attempts.ReadAsync(ripe, cancellation).ConfigureAwait(false);
        var answers = await list.AskAsync(open, cancellation).ConfigureAwait(false);
        var isGone = await attempts.IsGoneAsync(batch.Worker, cancellation).ConfigureAwait(false);
        var verdicts = open.Select(attempt => (Attempt: attempt, Answer: answers[attempt.Id], Verdict: Judge(attempt.Row, answers[attempt.Id], isGone))).ToList();
        await outcomes.BindAsync(
            verdicts.Where(of => of.Answer is ListAnswer.Found).Select(of => (of.Attempt, (ListAnswer.Found)of.Answer)), cancellation).ConfigureAwait(false);
        await outcomes.ReleaseAsync([.. verdicts.Where(of => of.Verdict == Verdict.Again).Select(of => of.Attempt.Row)], cancellation).ConfigureAwait(false);
        await outcomes.EndAsUncertainAsync(
            [.. verdicts.Where(of => of.Verdict == Verdict.Uncertain).Select(of => (of.Attempt.Id, of.Attempt.Row.Facts))], cancellation).ConfigureAwait(false);
        foreach (var decided in verdicts.Where(of => of.Verdict != Verdict.Later))
        {
            clock.Forget(decided.Attempt.Id, decided.Attempt.Row.Facts.Attempt);
        }

        return ripe.Count == rows.Count && verdicts.TrueForAll(of => of.Verdict != Verdict.Later);
    }

    private Verdict Judge(LedgerRow row, ListAnswer answer, bool workerIsGone)
    {
        // A worker that said so itself is done with it; of one that said nothing its lock must be free: a stopped process still has it.
        var isOver = row.Facts.Reason != Reason.WorkerSilent || workerIsGone;
        return answer switch
        {
            ListAnswer.Found => Verdict.Found,
            ListAnswer.Absent when isOver && !row.Facts.IsByEvidence => Verdict.Again,
            ListAnswer.Absent or ListAnswer.NotAnswered when !row.Facts.IsByEvidence && clock.Note(row.Id, row.Facts.Attempt) < 2 * LongEnough => Verdict.Later,
            _ => Verdict.Uncertain,
        };
    }

    private enum Verdict
    {
        Found,
        Again,
        Later,
        Uncertain,
    }
}
