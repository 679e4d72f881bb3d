namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>A message as it stands, with its texts.</summary>
internal sealed record MessageView(int Index, string Sid, TakenMessage Taken, MessageStatus Status)
{
    /// <summary>The sender; null until a messaging service has chosen one.</summary>
    public string? From { get; init; }
    public string Body { get; init; } = "";
    public long UpdatedMs { get; init; }

    /// <summary>0 until it was sent.</summary>
    public long SentMs { get; init; }
    public int ErrorCode { get; init; }
    public bool IsDeleted { get; init; }

    /// <summary>A bit for each status whose callback is still to be sent.</summary>
    public int OwedCallbacks { get; init; }
}
