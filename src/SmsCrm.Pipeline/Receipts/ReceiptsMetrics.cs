using System.Diagnostics.Metrics;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Every instrument of this room, in the meter <c>SmsCrm.Receipts</c>.</summary>
public sealed class ReceiptsMetrics : IDisposable
{
    public const string MeterName = "SmsCrm.Receipts";

    private readonly Meter _meter;
    private readonly Counter<long> _callbacks;
    private readonly Counter<long> _applied;
    private readonly Counter<long> _texts;

    public ReceiptsMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _callbacks = _meter.CreateCounter<long>("smscrm.receipts.callbacks", "{callback}", "Status callbacks received, by verdict.");
        _applied = _meter.CreateCounter<long>("smscrm.receipts.applied", "{receipt}", "Receipts given to the ledger, by its answer.");
        _texts = _meter.CreateCounter<long>("smscrm.receipts.inbound", "{text}", "Inbound texts received by webhook, by verdict.");
        UnusableTexts = _meter.CreateCounter<long>(
            "smscrm.receipts.inbound_unusable", "{text}", "Inbound texts of the provider's list that could not be kept, whatever is tried.");
        Unreadable = _meter.CreateCounter<long>("smscrm.receipts.unreadable", "{record}", "Records of sms.events that went to the dead letters.");
    }

    internal Counter<long> Unreadable { get; }

    internal Counter<long> UnusableTexts { get; }

    public void Dispose() => _meter.Dispose();

    internal void Received(CallbackVerdict verdict) => _callbacks.Add(1, Tag(verdict));

    internal void ReceivedText(CallbackVerdict verdict) => _texts.Add(1, Tag(verdict));

    private static KeyValuePair<string, object?> Tag(CallbackVerdict verdict) => new("verdict", verdict switch
    {
        CallbackVerdict.Appended => "appended",
        CallbackVerdict.Malformed => "malformed",
        CallbackVerdict.TooLarge => "too_large",
        CallbackVerdict.Forged => "forged",
        CallbackVerdict.Unavailable => "unavailable",
    });

    internal void Applied(IReadOnlyList<EntryResult> results)
    {
        foreach (var group in results.GroupBy(result => result.Result))
        {
            _applied.Add(group.Count(), new KeyValuePair<string, object?>("result", group.Key switch
            {
                TransitionResult.Won => "new",
                TransitionResult.AlreadyThere => "known",
                TransitionResult.NotFound => "not_found",
                TransitionResult.Unusable => "unusable",
                _ => "other",
            }));
        }
    }
}
