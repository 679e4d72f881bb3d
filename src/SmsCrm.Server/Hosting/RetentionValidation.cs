using Microsoft.Extensions.Options;
using SmsCrm.Storage;
using SmsCrm.Streams;

namespace SmsCrm.Server.Hosting;

/// <summary>Rows outlive the topics' records: a record whose row was dropped would be taken for a new message, and sent again.</summary>
internal sealed class RetentionValidation(IOptions<KafkaOptions> kafka) : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        int hours;
        try
        {
            hours = kafka.Value.Topics.RetentionHours;
        }
        catch (OptionsValidationException)
        {
            // Kafka's own errors are told by themselves.
            return ValidateOptionsResult.Skip;
        }

        return options.RetentionDays * 24 > hours + 24
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(FormattableString.Invariant(
                $"{StorageOptions.Section}:RetentionDays is {options.RetentionDays}: it must be more than a day above {KafkaOptions.Section}:Topics:RetentionHours ({hours})."));
    }
}
