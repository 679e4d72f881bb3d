using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Dispatch;

internal sealed class DispatchMetrics
{
    private readonly Counter<long> _posts;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _recorded;
    private readonly Counter<long> _halted;
    private readonly Counter<long> _opened;

    public DispatchMetrics(IMeterFactory meters, PostSlots slots)
    {
        var meter = meters.Create("SmsCrm.Dispatch");
        _posts = meter.CreateCounter<long>("smscrm.dispatch.posts", "{post}", "POSTs to the provider by outcome.");
        _duration = meter.CreateHistogram(
            "smscrm.dispatch.post.duration", "s", "From a free connection to the provider's answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _recorded = meter.CreateCounter<long>("smscrm.dispatch.outcomes", "{message}", "Outcomes in the ledger, by what it made of them.");
        _halted = meter.CreateCounter<long>("smscrm.dispatch.accounts.halted", "{account}", "Accounts that the provider refused altogether. Alert.");
        _opened = meter.CreateCounter<long>("smscrm.dispatch.breakers.opened", "{account}", "Accounts that kept failing.");
        meter.CreateObservableGauge("smscrm.dispatch.slots.taken", () => slots.Taken, "{message}", "Messages claimed and not answered.");
    }

    public void Posted(PostOutcome outcome, TimeSpan elapsed, Purpose purpose)
    {
        var name = new KeyValuePair<string, object?>("outcome", NameOf(outcome));
        _posts.Add(1, name, new KeyValuePair<string, object?>("purpose", purpose == Purpose.Transactional ? "transactional" : "marketing"));
        _duration.Record(elapsed.TotalSeconds, name);
    }

    public void Recorded(IReadOnlyList<OutcomeEntry> entries, IReadOnlyList<EntryResult> results)
    {
        for (var i = 0; i < results.Count; i++)
        {
            _recorded.Add(
                1,
                new KeyValuePair<string, object?>("outcome", NameOf(entries[i].Outcome)),
                new KeyValuePair<string, object?>("result", results[i].Result == TransitionResult.Won ? "won" : "known"));
        }
    }

    public void AccountHalted() => _halted.Add(1);

    public void BreakerOpened() => _opened.Add(1);

    private static string NameOf(PostOutcome outcome) => outcome switch
    {
        PostOutcome.Accepted => "accepted",
        PostOutcome.Rejected => "rejected",
        PostOutcome.Throttled => "throttled",
        PostOutcome.NotSent => "not_sent",
        _ => "unknown",
    };

    private static string NameOf(ClaimOutcome outcome) => outcome switch
    {
        ClaimOutcome.Taken => "taken",
        ClaimOutcome.Failed => "failed",
        ClaimOutcome.TryAgain => "try_again",
        _ => "unknown",
    };
}
