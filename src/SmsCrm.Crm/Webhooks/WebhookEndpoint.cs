namespace SmsCrm.Crm.Webhooks;

/// <summary>Whether an endpoint is called.</summary>
public enum WebhookState
{
    Active,

    /// <summary>It fails: one attempt at a time, with growing pauses, until one succeeds.</summary>
    Slowed,

    /// <summary>By its tenant, or because it failed too long; the reason says which. Nothing is enqueued for it.</summary>
    Off,
}

/// <summary>Where a tenant wants its events.</summary>
/// <param name="Reason">Why it is slowed or off.</param>
/// <param name="Failures">In a row.</param>
/// <param name="Waiting">Deliveries that are yet to be made, retries included.</param>
/// <param name="PreviousSecretUntil">Until then deliveries are signed with the secret before too.</param>
public sealed record WebhookEndpoint(
    Guid Id,
    string Url,
    string Description,
    IReadOnlyList<string> Events,
    WebhookState State,
    string? Reason,
    int Failures,
    DateTimeOffset? FailingSince,
    long Waiting,
    DateTimeOffset? PreviousSecretUntil,
    long Version,
    DateTimeOffset CreatedAt);

/// <summary>An endpoint with its secret, which is shown this once.</summary>
public sealed record WebhookWithSecret(WebhookEndpoint Endpoint, string Secret)
{
    public override string ToString() => $"WebhookWithSecret {Endpoint.Id}";
}

/// <summary>What a tenant sets of an endpoint.</summary>
/// <param name="Url">https, up to 2,000 characters, without credentials or fragment.</param>
public sealed record WebhookSettings(string Url)
{
    private const int MostUrl = 2_000;
    private const int MostDescription = 500;

    /// <summary>Up to 500 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>Of <see cref="WebhookEvents.All"/>; default <see cref="WebhookEvents.Default"/>.</summary>
    public IReadOnlyList<string> Events { get; init; } = WebhookEvents.Default;

    /// <summary>False: switched off by its tenant.</summary>
    public bool Enabled { get; init; } = true;

    internal List<string> Errors(bool allowsPlainHttp, out Uri? address)
    {
        var errors = new List<string>();
        address = null;
        if (Url.Length > MostUrl || !Uri.TryCreate(Url, UriKind.Absolute, out address)
            || !(address.Scheme == Uri.UriSchemeHttps || (allowsPlainHttp && address.Scheme == Uri.UriSchemeHttp)))
        {
            errors.Add($"url is '{Shown(Url)}': it must be an https address of up to {MostUrl} characters, such as https://example.com/sms-events.");
        }
        else if (address.UserInfo.Length > 0 || address.Fragment.Length > 0)
        {
            errors.Add("url has credentials or a fragment: leave them out, the signature says who calls.");
        }

        if (Description.Length > MostDescription || Description.Any(char.IsControl))
        {
            errors.Add(FormattableString.Invariant($"description has {Description.Length} characters: it must have up to {MostDescription}, none of them a control character."));
        }

        var unknown = Events.Where(static name => !WebhookEvents.All.Contains(name)).Take(5).Select(Shown).ToList();
        if (Events.Count == 0 || Events.Count > WebhookEvents.All.Count || unknown.Count > 0)
        {
            errors.Add($"events is '{string.Join(", ", unknown)}': it must have one or more of {string.Join(", ", WebhookEvents.All)}.");
        }

        return errors;
    }

    private static string Shown(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "...");
}
