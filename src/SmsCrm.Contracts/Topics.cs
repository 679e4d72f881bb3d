namespace SmsCrm.Contracts;

/// <summary>The topics, by name. The purpose of a request alone chooses between the two request topics.</summary>
public static class Topics
{
    /// <summary>One-time codes and alerts: never behind a campaign. Key: tenant id, then the E.164 digits.</summary>
    public const string TransactionalRequests = "sms.requests.transactional";

    /// <summary>Campaign traffic. Key: tenant id, then the E.164 digits.</summary>
    public const string MarketingRequests = "sms.requests.marketing";

    /// <summary>What comes from outside (status callbacks). Key: message id, or number.</summary>
    public const string Events = "sms.events";

    /// <summary>What could not be used, as it came, with the reason.</summary>
    public const string DeadLetter = "sms.deadletter";

    public static readonly IReadOnlyList<string> All = [TransactionalRequests, MarketingRequests, Events, DeadLetter];
}

/// <summary>Kafka headers that repeat what the value says, so that an unreadable value is still somebody's.</summary>
public static class RecordHeaders
{
    /// <summary>16 bytes, big-endian.</summary>
    public const string Tenant = "tenant";

    /// <summary>16 bytes, big-endian.</summary>
    public const string MessageId = "message";

    /// <summary>UTF-8; absent where there is no campaign.</summary>
    public const string Campaign = "campaign";

    /// <summary>UTF-8 digits; absent on events.</summary>
    public const string Recipient = "recipient";
}
