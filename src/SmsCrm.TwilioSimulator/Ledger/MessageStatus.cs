namespace SmsCrm.TwilioSimulator.Ledger;

/// <summary>Twilio's message statuses. The numbers are in the journal: none is ever reused.</summary>
internal enum MessageStatus : byte
{
    Queued = 0,
    Accepted = 1,
    Scheduled = 2,
    Sent = 3,
    Delivered = 4,
    Undelivered = 5,
    Failed = 6,
    Canceled = 7,
    Received = 8,
}

internal static class MessageStatuses
{
    public const int Count = 9;

    private static readonly string[] Names =
        ["queued", "accepted", "scheduled", "sent", "delivered", "undelivered", "failed", "canceled", "received"];

    public static string Name(this MessageStatus status) => Names[(int)status];

    /// <summary>Nothing follows.</summary>
    public static bool IsFinal(this MessageStatus status) => status >= MessageStatus.Delivered;
}

/// <summary>Which way a text went. The numbers are in the journal.</summary>
internal enum Direction : byte
{
    Outbound = 0,
    Inbound = 1,
}
