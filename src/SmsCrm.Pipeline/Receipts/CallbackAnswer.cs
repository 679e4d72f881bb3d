namespace SmsCrm.Pipeline.Receipts;

/// <summary>What became of a status callback.</summary>
public enum CallbackVerdict
{
    /// <summary>In Kafka: 204.</summary>
    Appended,

    /// <summary>Signed, but not what the provider sends: 400, the detail names the field.</summary>
    Malformed,

    /// <summary>A longer body than any callback has: 413.</summary>
    TooLarge,

    /// <summary>Not signed by the account's token, whatever else is wrong with it: 403.</summary>
    Forged,

    /// <summary>Genuine, but not in Kafka, or its account could not be looked up: 503, and the provider calls again.</summary>
    Unavailable,
}

/// <param name="Detail">A sentence for the caller; empty when appended.</param>
public readonly record struct CallbackAnswer(CallbackVerdict Verdict, string Detail)
{
    internal static CallbackAnswer Appended { get; } = new(CallbackVerdict.Appended, "");

    internal static CallbackAnswer Malformed(string detail) => new(CallbackVerdict.Malformed, detail);

    internal static CallbackAnswer Unsigned { get; } = Forged("The header X-Twilio-Signature is missing.");

    /// <summary>One sentence for an unknown account and a wrong signature: whoever guesses learns nothing.</summary>
    internal static CallbackAnswer WronglySigned { get; } = Forged("The signature does not fit the address, the form and the account.");

    internal static CallbackAnswer Forged(string detail) => new(CallbackVerdict.Forged, detail);
}
