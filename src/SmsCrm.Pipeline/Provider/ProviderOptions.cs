namespace SmsCrm.Pipeline.Provider;

/// <summary>How the provider is reached, and how its accounts' secrets are kept. Bound to <c>SmsCrm:Provider</c>.</summary>
public sealed record ProviderOptions
{
    public const string Section = "SmsCrm:Provider";

    /// <summary>
    /// Where the provider reaches this product from outside, exactly as it will call it: callbacks are signed over this address.
    /// An absolute http or https address without query and fragment. Default <c>http://127.0.0.1:8080</c>.
    /// </summary>
    public string PublicBaseUrl { get; init; } = "http://127.0.0.1:8080";

    /// <summary>
    /// The deadline of one POST, in milliseconds: 100 to 10,000. Default 10,000. The reconciler takes a claim of 30 s for one whose
    /// POST has ended, which is why it can't be longer.
    /// </summary>
    public int PostTimeoutMs { get; init; } = 10_000;

    /// <summary>The deadline of one fetch, or of one page of a list, in milliseconds: 100 to 60,000. Default 10,000.</summary>
    public int ReadTimeoutMs { get; init; } = 10_000;

    /// <summary>The deadline of one connection's opening, in milliseconds: 100 to 10,000. Default 2,000.</summary>
    public int ConnectTimeoutMs { get; init; } = 2_000;

    /// <summary>A connection is replaced after this time, so that a change of DNS is noticed, in seconds: 1 to 3,600. Default 300.</summary>
    public int ConnectionLifetimeSeconds { get; init; } = 300;

    /// <summary>
    /// Most connections to one host at once: 1 to 10,000. Default 1,024. All accounts of a host share them: keep it at or above the
    /// process's POST slots, or POSTs wait here until they are too old.
    /// </summary>
    public int MaxConnections { get; init; } = 1_024;

    /// <summary>Most pages (of 1,000 messages) that one list reads: 1 to 100. Default 20; a longer list counts as not answered.</summary>
    public int MaxListPages { get; init; } = 20;

    /// <summary>How often the accounts and senders are compared with the database, in milliseconds: 50 to 1,000. Default 1,000.</summary>
    public int SettingsCheckMs { get; init; } = 1_000;

    /// <summary>
    /// The key that seals provider secrets at rest: 32 bytes in base64 (<c>openssl rand -base64 32</c>). A secret: never logged.
    /// Default: a key that everybody knows, which serves only accounts whose base address is a loopback one (a simulator's).
    /// </summary>
    public string? SecretKey { get; init; }
}
