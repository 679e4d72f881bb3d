using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Ledger;

/// <summary>One thing that may happen to a message: against the ledger, and against the model.</summary>
internal sealed record LedgerStep(
    string Name,
    Func<AcceptedMessage, RowFacts, Task<EntryResult>> Run,
    Func<LedgerModel, RowFacts, bool> Model)
{
    public override string ToString() => Name;
}

/// <summary>Everything that may happen, drawn at random from a seed.</summary>
internal sealed class LedgerSteps
{
    private static readonly DateTimeOffset Due = DateTimeOffset.UnixEpoch.AddYears(60);
    private static readonly (string Status, MessageState Word, int Code)[] Words =
    [
        ("queued", MessageState.Taken, 0), ("sent", MessageState.Sent, 0), ("delivered", MessageState.Delivered, 0),
        ("undelivered", MessageState.Undelivered, 30003), ("failed", MessageState.Undelivered, 30003), ("read", MessageState.Read, 0),
    ];

    private readonly List<Func<Random, LedgerStep>> _all;

    public LedgerSteps(LedgerBench bench)
    {
        var ledger = bench.Ledger;
        _all =
        [
            _ => new("enqueue", async (m, _) => (await ledger.EnqueueAsync([m], default)).Single(), (model, _) => model.Decide(RowFacts.NoRow, MessageState.Queued)),
            _ => Claim(bench),
            _ => Claim(bench),
            _ => Claim(bench),
            random => Defer(bench, random.Next(2) == 0 ? Reason.Pacing : Reason.QuietHours),
            _ => new(
                "reject",
                async (m, seen) => (await ledger.RejectAsync([new RejectEntry(m, seen, new Verdict(Reason.Suppressed, "{}"))], default)).Single(),
                (model, seen) => model.Decide(seen, MessageState.Rejected, Reason.Suppressed)),
            _ => new(
                "cancel",
                async (m, _) => (await ledger.CancelAsync(m.Tenant, [m.Id], Reason.None, default)).Single(),
                (model, _) => model.Row.State != MessageState.Cancelled && model.Decide(model.Row, MessageState.Cancelled)),
            _ => Outcome(bench, "failed", new ClaimOutcome.Failed(Reason.ProviderRefused, 21211, "{}"), MessageState.Failed, Reason.ProviderRefused, 21211),
            _ => TryAgain(bench),
            _ => TryAgain(bench),
            _ => new(
                "mark unknown",
                async (m, seen) => (await ledger.MarkUnknownAsync([(m.Id, seen)], "{}", default)).Single(),
                (model, seen) => model.Decide(seen, MessageState.Unknown, Reason.WorkerSilent)),
            _ => new(
                "release by evidence",
                async (m, seen) => (await ledger.ReleaseByEvidenceAsync([new EvidenceEntry(m.Id, seen, bench.Sender, DateTimeOffset.UnixEpoch.AddYears(60), "{}")], default)).Single(),
                (model, seen) => model.ReleaseByEvidence(seen)),
            _ => new(
                "mark uncertain",
                async (m, seen) => (await ledger.MarkUncertainAsync([(m.Id, seen)], "{}", default)).Single(),
                (model, seen) => model.Decide(seen, MessageState.Uncertain, Reason.NoWord)),
            random => Answer(bench, random),
            random => Word(bench, random),
            random => Word(bench, random),
        ];
    }

    public LedgerStep Draw(Random random) => _all[random.Next(_all.Count)](random);

    private static LedgerStep Claim(LedgerBench bench) =>
        new("claim", bench.ClaimAsync, (model, seen) => model.Decide(seen, MessageState.Claimed));

    private static LedgerStep Defer(LedgerBench bench, Reason reason) =>
        new($"defer {reason}", (m, seen) => bench.DeferAsync(m, seen, reason), (model, seen) => model.Row.State is not (MessageState.Claimed or MessageState.Unknown) && model.Decide(seen, MessageState.Deferred, reason));

    private static LedgerStep TryAgain(LedgerBench bench) => Outcome(
        bench,
        "try again",
        new ClaimOutcome.TryAgain(Reason.RetryBackoff, 20429, "{\"proof\":1}", Due, bench.Sender),
        MessageState.Deferred,
        Reason.RetryBackoff,
        20429);

    private static LedgerStep Outcome(LedgerBench bench, string name, ClaimOutcome outcome, MessageState to, Reason reason, int code) => new(
        name,
        (m, seen) => bench.RecordAsync(m, seen, outcome),
        (model, seen) => model.Conclude(seen, to, reason, code));

    /// <summary>The provider's answer to our POST; one sid in ten is another than the message's first.</summary>
    private static LedgerStep Answer(LedgerBench bench, Random random)
    {
        var other = random.Next(10) == 0;
        return new(
            $"answer{(other ? " other sid" : "")}",
            (m, seen) => bench.RecordAsync(m, seen, new ClaimOutcome.Taken(SidOf(m, other))),
            (model, _) => model.Row.Version > 0 && model.Hear(SidOf(bench.Current!, other), MessageState.Taken, 0));
    }

    private static LedgerStep Word(LedgerBench bench, Random random)
    {
        var (status, word, code) = Words[random.Next(Words.Length)];
        var other = random.Next(10) == 0;
        return new(
            $"hear {status}{(other ? " of another sid" : "")}",
            (m, _) => bench.HearAsync(m, SidOf(m, other), status, code),
            (model, _) => model.Hear(SidOf(bench.Current!, other), word, code));
    }

    private static ProviderSid SidOf(AcceptedMessage message, bool other)
    {
        var bytes = message.Id.ToBytes();
        bytes[15] ^= (byte)(other ? 0x55 : 0);
        return new ProviderSid('S', new Guid(bytes, bigEndian: true));
    }
}
