using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

/// <summary>
/// One message on its way through the pipeline, from its source until the ledger has committed what became of it. One task at a
/// time owns it.
/// </summary>
/// <param name="settled">Called once, when the ledger has committed what became of it.</param>
internal sealed class SendItem(AcceptedMessage message, RequestRecord request, Action settled)
{
    private Action _settled = settled;

    public AcceptedMessage Message { get; } = message;

    public RequestRecord Request { get; } = request;

    /// <summary>The row's version that Waiting gave out; null for what comes from Kafka.</summary>
    public int? GivenVersion { get; init; }

    /// <summary>Its place in the lane that it waited in, which it keeps when it must wait again; null where it waited for something else.</summary>
    public DateTimeOffset? LaneDue { get; init; }

    /// <summary>Puts its record, with the reason, among the dead letters and completes it; null for what comes from Waiting.</summary>
    public Func<string, CancellationToken, Task>? DeadLetter { get; init; }

    public bool IsFromWaiting => GivenVersion is not null;

    /// <summary>The boot clock's timestamp of the first facts read for it; 0 before.</summary>
    public long FirstSeenAt { get; set; }

    public bool IsSettled { get; private set; }

    // What the present pass found out.
    public RowFacts Seen { get; set; }

    public TenantBasics Tenant { get; set; } = null!;

    public Sender Sender { get; set; } = null!;

    public ProviderAccount Account { get; set; } = null!;

    public bool HoldsSlot { get; set; }

    /// <summary>What its recipient may get of its tenant; null: anything.</summary>
    public RecipientLimits? Limits { get; set; }

    /// <summary>What a segment to its recipient costs, in millionths.</summary>
    public long SegmentMicros { get; set; }

    public LaneKey Lane => new(Message.Tenant, Sender.Id, Message.Purpose, Message.CampaignId);

    public void Settle()
    {
        if (!IsSettled)
        {
            IsSettled = true;
            _settled();
        }
    }

    /// <summary>A second record of the same message: settled with it. Only before the pipeline has it.</summary>
    public void AlsoSettles(Action settled) => _settled += settled;
}
