using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Pacing;

/// <summary>Settings under <c>SmsCrm:Pacing</c>.</summary>
public sealed record PacingOptions
{
    public const string Section = "SmsCrm:Pacing";

    /// <summary>What a bucket holds when full, in milliseconds of its rate. 10 to 1,000, default 1,000.</summary>
    [Range(10, 1_000)]
    public int BurstMs { get; init; } = 1_000;

    /// <summary>What marketing leaves in each bucket for transactional messages, in milliseconds of its rate. 0 to 900, default 200.</summary>
    [Range(0, 900)]
    public int ReserveMs { get; init; } = 200;

    /// <summary>
    /// Segments per second of each sender to a class of carriers, 1 to 10,000, by the class: <c>SmsCrm:Pacing:CarrierRates:CA = 1</c>. The class of a
    /// recipient's carrier is its country (ISO 3166-1 alpha-2) so far: nothing here looks a carrier up. Default none: then only account, tenant and
    /// sender have rates.
    /// </summary>
    public IReadOnlyDictionary<string, int> CarrierRates { get; init; } = new Dictionary<string, int>();

    /// <summary>The class of a recipient's carrier, with its rate for a sender; null (and 0) where none is set.</summary>
    internal string? ClassOf(string country, out int rate) => CarrierRates.TryGetValue(country, out rate) ? country : null;
}

/// <summary>Holds each class to its range: every error at once, each with setting, value and range.</summary>
internal sealed class CarrierRatesValidation : IValidateOptions<PacingOptions>
{
    public ValidateOptionsResult Validate(string? name, PacingOptions options)
    {
        var errors = options.CarrierRates.Where(rate => rate.Value is < 1 or > 10_000)
            .Select(rate => FormattableString.Invariant(
                $"{PacingOptions.Section}:{nameof(PacingOptions.CarrierRates)}:{rate.Key} is {rate.Value}: it must be from 1 to 10000."))
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
