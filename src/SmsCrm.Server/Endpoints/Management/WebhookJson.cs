using SmsCrm.Crm.Webhooks;

namespace SmsCrm.Server.Endpoints.Management;

/// <param name="State"><c>active</c>; <c>slowed</c>: it fails, and is called less often; <c>off</c>: by its tenant or because it failed too long.</param>
/// <param name="Reason">Why it is slowed or off.</param>
/// <param name="Failures">In a row.</param>
/// <param name="Waiting">Deliveries yet to be made, retries included.</param>
/// <param name="Secret">Only in the answer that made it.</param>
/// <param name="PreviousSecretUntil">Until then the secret before signs too.</param>
internal sealed record WebhookJson(
    Guid Id,
    string Url,
    string Description,
    IReadOnlyList<string> Events,
    string State,
    string? Reason,
    int Failures,
    DateTimeOffset? FailingSince,
    long Waiting,
    string? Secret,
    DateTimeOffset? PreviousSecretUntil,
    long Version,
    DateTimeOffset CreatedAt)
{
    public static WebhookJson Of(WebhookEndpoint endpoint) => Of(endpoint, null);

    public static WebhookJson Of(WebhookWithSecret made) => Of(made.Endpoint, made.Secret);

    private static WebhookJson Of(WebhookEndpoint endpoint, string? secret) => new(
        endpoint.Id, endpoint.Url, endpoint.Description, endpoint.Events, endpoint.State.ToString().ToLowerInvariant(), endpoint.Reason, endpoint.Failures,
        endpoint.FailingSince, endpoint.Waiting, secret, endpoint.PreviousSecretUntil, endpoint.Version, endpoint.CreatedAt);
}

internal sealed record WebhookListJson(IReadOnlyList<WebhookJson> Webhooks);

/// <param name="Url">https, up to 2,000 characters, at a public address.</param>
/// <param name="Description">Up to 500 characters.</param>
/// <param name="Events">What to be told; absent: how messages end. Texts and clicks only where they are named.</param>
/// <param name="Enabled">False: switched off.</param>
internal sealed record WebhookSettingsJson(string Url, string Description = "", IReadOnlyList<string>? Events = null, bool Enabled = true)
{
    public WebhookSettings ToSettings() => new(Url) { Description = Description, Events = Events ?? WebhookEvents.Default, Enabled = Enabled };
}

internal sealed record WebhookDeliveryListJson(IReadOnlyList<WebhookDelivery> Deliveries, string? NextCursor);

/// <param name="WebhookId">What the receiver gets as <c>webhook-id</c>.</param>
internal sealed record WebhookEnqueuedJson(Guid DeliveryId, string WebhookId);
