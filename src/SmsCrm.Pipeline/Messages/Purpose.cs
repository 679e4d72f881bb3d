namespace SmsCrm.Pipeline.Messages;

/// <summary>What a message is for. It alone chooses the topic, and the law that applies. The numbers are stored.</summary>
public enum Purpose : short
{
    /// <summary>One-time codes, alerts, receipts: what the recipient asked for.</summary>
    Transactional = 1,

    /// <summary>Campaigns: needs prior express written consent, 47 CFR 64.1200(f)(9).</summary>
    Marketing = 2,
}
