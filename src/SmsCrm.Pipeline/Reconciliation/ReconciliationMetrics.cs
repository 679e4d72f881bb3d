using System.Diagnostics.Metrics;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>Every instrument of the room; meter <c>SmsCrm.Reconciliation</c>.</summary>
internal sealed class ReconciliationMetrics
{
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _uncertain;
    private readonly Counter<long> _listed;
    private readonly Counter<long> _byEvidence;
    private readonly Counter<long> _polled;
    private readonly Counter<long> _noReceipt;

    public ReconciliationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SmsCrm.Reconciliation");
        _unknown = meter.CreateCounter<long>("smscrm.reconciliation.unknown", "{message}", "Claims that nobody finished");
        _uncertain = meter.CreateCounter<long>("smscrm.reconciliation.uncertain", "{message}", "Messages of which nobody knows whether they were sent: an alert");
        _listed = meter.CreateCounter<long>("smscrm.reconciliation.listed", "{message}", "Unknown outcomes that the provider's list has answered");
        _byEvidence = meter.CreateCounter<long>("smscrm.reconciliation.by_evidence", "{message}", "Messages that are sent again because the provider's list does not show them");
        _polled = meter.CreateCounter<long>("smscrm.reconciliation.polled", "{message}", "Messages that the provider was asked for, by whether it answered");
        _noReceipt = meter.CreateCounter<long>("smscrm.reconciliation.no_receipt", "{message}", "Messages without a final word past the polling bound");
    }

    public void Unknown(int messages) => _unknown.Add(messages);

    public void Uncertain(int messages) => _uncertain.Add(messages);

    public void Listed(int messages) => _listed.Add(messages);

    public void ByEvidence(int messages) => _byEvidence.Add(messages);

    public void Polled(int asked, int answered)
    {
        _polled.Add(answered, new KeyValuePair<string, object?>("answered", true));
        _polled.Add(asked - answered, new KeyValuePair<string, object?>("answered", false));
    }

    public void NoReceipt(int messages) => _noReceipt.Add(messages);
}
