using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Finds every error of the settings at once, each with the setting, its value and what it may be.</summary>
internal sealed class ProviderOptionsValidator : IValidateOptions<ProviderOptions>
{
    public ValidateOptionsResult Validate(string? name, ProviderOptions options)
    {
        var errors = new List<string>();
        if (!IsBaseUrl(options.PublicBaseUrl))
        {
            errors.Add($"{ProviderOptions.Section}:PublicBaseUrl is '{options.PublicBaseUrl}': "
                + "it must be an absolute http or https address without query and fragment, such as https://sms.example.com.");
        }

        if (options.SecretKey is { Length: > 0 } key && !SecretSeal.IsKey(key))
        {
            errors.Add($"{ProviderOptions.Section}:SecretKey has {key.Length} characters that are not 32 bytes in base64: make one by 'openssl rand -base64 32'.");
        }

        Range(nameof(options.PostTimeoutMs), options.PostTimeoutMs, 100, 10_000, errors);
        Range(nameof(options.ReadTimeoutMs), options.ReadTimeoutMs, 100, 60_000, errors);
        Range(nameof(options.ConnectTimeoutMs), options.ConnectTimeoutMs, 100, 10_000, errors);
        Range(nameof(options.ConnectionLifetimeSeconds), options.ConnectionLifetimeSeconds, 1, 3_600, errors);
        Range(nameof(options.MaxConnections), options.MaxConnections, 1, 10_000, errors);
        Range(nameof(options.MaxListPages), options.MaxListPages, 1, 100, errors);
        Range(nameof(options.SettingsCheckMs), options.SettingsCheckMs, 50, 1_000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsBaseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.Query.Length == 0 && url.Fragment.Length == 0;

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{ProviderOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
