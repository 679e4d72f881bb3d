namespace SmsCrm.Pipeline.Receipts;

/// <summary>What became of a status callback.</summary>
public enum CallbackVerdict
{
    /// <summary>In Kafka: 204.</summary>
    Appended,

    /// <summary>Not what the provider sends: 400, the detail names the field.</summary>
    Malformed,

    /// <summary>A longer body than any callback has: 413.</summary>
    TooLarge,

    /// <summary>Not signed by the account's token: 403.</summary>
    Forged,

    /// <summary>Genuine, but not in Kafka, or its account could not be looked up: 503, and the provider calls again.</summary>
    Unavailable,
}

/// <param name="Detail">A sentence for the caller; empty when appended.</param>
public readonly record struct CallbackAnswer(CallbackVerdict Verdict, string Detail)
{
    internal static CallbackAnswer Appended { get; } = new(CallbackVerdict.Appended, "");

    internal static CallbackAnswer Malformed(string detail) => new(CallbackVerdict.Malformed, detail);
}
