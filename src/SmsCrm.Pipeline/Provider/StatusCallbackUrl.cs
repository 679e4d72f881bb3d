using System.Globalization;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// The address that the provider reports a message's statuses to. It says whose word it is about before the signature can be
/// checked: tenant, message and attempt. The fragment asks the provider for retries (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)
/// and is neither sent nor signed.
/// </summary>
public static class StatusCallbackUrl
{
    public const string Path = "/twilio/status";
    public const string TenantParameter = "tenant";
    public const string MessageParameter = "message";
    public const string AttemptParameter = "attempt";

    /// <summary>Three retries, on 5xx answers, connect and read timeouts.</summary>
    public const string Retries = "#rc=3&rp=5xx,ct,rt";

    /// <param name="publicBaseUrl"><see cref="ProviderOptions.PublicBaseUrl"/>, with or without a slash at its end.</param>
    public static string For(string publicBaseUrl, TenantId tenant, MessageId message, int attempt) => string.Create(
        CultureInfo.InvariantCulture,
        $"{publicBaseUrl.AsSpan().TrimEnd('/')}{Path}?{TenantParameter}={tenant.Value:D}&{MessageParameter}={message.Value:D}&{AttemptParameter}={attempt}{Retries}");
}
