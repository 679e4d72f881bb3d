using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Messages;

/// <summary>Holds options to the <see cref="RangeAttribute"/> of each property: every error at once, each with setting, value and range.</summary>
internal sealed class RangeValidation<T>(string section) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var errors = typeof(T).GetProperties()
            .Select(property => (property.Name, Value: property.GetValue(options), Range: property.GetCustomAttribute<RangeAttribute>()))
            .Where(setting => setting.Range is { } range && !range.IsValid(setting.Value))
            .Select(setting => FormattableString.Invariant(
                $"{section}:{setting.Name} is {setting.Value}: it must be from {setting.Range!.Minimum} to {setting.Range.Maximum}."))
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
