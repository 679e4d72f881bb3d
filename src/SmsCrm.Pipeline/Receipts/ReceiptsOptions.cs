using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>How the provider's callbacks are taken and applied. Bound to <c>SmsCrm:Receipts</c>.</summary>
public sealed record ReceiptsOptions
{
    public const string Section = "SmsCrm:Receipts";

    /// <summary>
    /// How long a callback waits for Kafka's acknowledgement before it is answered 503, in milliseconds: 100 to 14,000. Default 5,000.
    /// The provider gives up after 15 s and calls again.
    /// </summary>
    public int AppendTimeoutMs { get; init; } = 5_000;

    /// <summary>How often the provider's list of inbound texts is read, in milliseconds: 200 to 600,000. Default 60,000.</summary>
    public int InboundListMs { get; init; } = 60_000;
}

/// <summary>Finds every error of the settings at once.</summary>
internal sealed class ReceiptsOptionsValidator : IValidateOptions<ReceiptsOptions>
{
    public ValidateOptionsResult Validate(string? name, ReceiptsOptions options)
    {
        var errors = new List<string>();
        Range(nameof(options.AppendTimeoutMs), options.AppendTimeoutMs, 100, 14_000, errors);
        Range(nameof(options.InboundListMs), options.InboundListMs, 200, 600_000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{ReceiptsOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
