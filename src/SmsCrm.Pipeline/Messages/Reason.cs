namespace SmsCrm.Pipeline.Messages;

/// <summary>Why a message is where it is. The numbers are stored and never change their meaning; the name in snake case is the API's code.</summary>
public enum Reason : short
{
    None = 0,

    // Why it waits.
    Pacing = 1,
    Scheduled = 2,
    QuietHours = 3,
    RetryBackoff = 4,
    TenantPaused = 5,
    CampaignPaused = 6,

    /// <summary>Claimed, but its POST never began: free to be claimed again.</summary>
    Released = 7,

    /// <summary>The provider account's breaker is open, or it is halted.</summary>
    AccountUnavailable = 8,

    /// <summary>No POST slot, or a lock of another batch stood in the way.</summary>
    Busy = 9,
    BudgetHeld = 10,

    /// <summary>An attempt was not to be found at the provider, and its tenant lets that count (evidence): it is sent again.</summary>
    NotListed = 11,

    /// <summary>Claimed, and its worker never said what became of the POST.</summary>
    WorkerSilent = 12,

    // Why it was rejected.
    TenantSuspended = 50,
    NumberInvalid = 51,
    CountryNotAllowed = 52,
    Suppressed = 53,
    NoConsent = 54,
    FrequencyCap = 55,
    DuplicateContent = 56,
    BudgetExhausted = 57,
    Content = 58,
    Expired = 59,

    /// <summary>Another message took the idempotency key first.</summary>
    DuplicateOfFirst = 60,
    Unreadable = 61,
    NoSender = 62,
    TenantUnknown = 63,

    /// <summary>A landline, or another kind of number that takes no texts.</summary>
    NotMobile = 64,

    // Why it failed or stayed uncertain.
    ProviderRefused = 80,
    RetriesExhausted = 81,
    NoWord = 90,
}

/// <summary>What a timeline tells. Kinds up to 13 are the states they lead to; the rest change no state.</summary>
public enum EventKind : short
{
    Queued = 1,
    Deferred = 2,
    Claimed = 3,
    Unknown = 4,
    Taken = 5,
    Sent = 6,
    Undelivered = 7,
    Delivered = 8,
    Read = 9,
    Failed = 10,
    Rejected = 11,
    Cancelled = 12,
    Uncertain = 13,

    /// <summary>A word about another sid than the bound one: the message was texted twice. An alert; never seen in a test.</summary>
    TextedTwice = 20,

    /// <summary>Past the polling bound without a final word; any later word removes the mark.</summary>
    NoReceipt = 21,

    /// <summary>A word of the provider that we don't know; kept, and changes nothing.</summary>
    OtherWord = 22,
}

/// <summary>Codes as the APIs, logs and metrics spell them.</summary>
public static class Codes
{
    private static readonly Dictionary<Reason, string> Reasons = Enum.GetValues<Reason>().ToDictionary(r => r, r => r == Reason.None ? "" : SnakeCase(r.ToString()));
    private static readonly Dictionary<MessageState, string> States = Enum.GetValues<MessageState>().ToDictionary(s => s, s => SnakeCase(s.ToString()));
    private static readonly Dictionary<EventKind, string> Kinds = Enum.GetValues<EventKind>().ToDictionary(k => k, k => SnakeCase(k.ToString()));

    public static string Code(this Reason reason) => Reasons[reason];

    public static string Code(this MessageState state) => States[state];

    public static string Code(this EventKind kind) => Kinds[kind];

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
