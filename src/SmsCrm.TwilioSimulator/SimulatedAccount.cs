namespace SmsCrm.TwilioSimulator;

/// <summary>An account that the simulator answers for.</summary>
/// <param name="Sid"><c>AC</c> and 32 hexadecimal digits.</param>
/// <param name="AuthToken">Opens the API by basic auth (user name = the sid), and signs every callback. 1 to 128 characters.</param>
public sealed record SimulatedAccount(string Sid, string AuthToken)
{
    /// <summary>The sid of <see cref="Demo"/>.</summary>
    public const string DemoSid = "AC5105e7d15105e7d15105e7d15105e7d1";

    /// <summary>The token of <see cref="Demo"/>. It opens nothing but a simulator.</summary>
    public const string DemoAuthToken = "simulator-only-not-a-secret";

    /// <summary>The account that a simulator has when no other is configured. Twilio knows neither its sid nor its token.</summary>
    public static SimulatedAccount Demo { get; } = new(DemoSid, DemoAuthToken);

    /// <summary>API keys (<c>SK</c> and 32 hexadecimal digits) with their secrets, which open the account as well. Callbacks are
    /// signed with <see cref="AuthToken"/> also when the message was sent with a key, as at Twilio.</summary>
    public IReadOnlyDictionary<string, string> ApiKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>The numbers, short codes and names that the account may send from. Empty (the default): any that is well formed.
    /// With a list, another <c>From</c> is refused with 21606.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>Behaves as Twilio's test credentials: only the magic <c>From</c> +15005550006 sends, nothing is delivered or called
    /// back, and every other resource answers 403/20008. Default false.</summary>
    public bool TestCredentials { get; init; }
}

/// <summary>A messaging service: a pool of senders, one of which is picked for each recipient and kept.</summary>
/// <param name="Sid"><c>MG</c> and 32 hexadecimal digits.</param>
/// <param name="Senders">At least one.</param>
public sealed record SimulatedMessagingService(string Sid, IReadOnlyList<string> Senders)
{
    /// <summary>Where its messages' statuses go when a message names no <c>StatusCallback</c> of its own. Default: nowhere.</summary>
    public string? StatusCallback { get; init; }
}
