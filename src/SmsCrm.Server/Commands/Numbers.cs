using System.CommandLine.Parsing;
using System.Globalization;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.Server.Commands;

/// <summary>Ranges of numeric options, told in one way.</summary>
internal static class Numbers
{
    public static void Require(OptionResult result, string option, long least, long most)
    {
        // A value that is no number at all is reported by the parser itself.
        if (result.Tokens is [{ Value: var text }] && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && (value < least || value > most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it must be from {least} to {most}"));
        }
    }

    /// <summary>An amount in the currency's units.</summary>
    public static void RequireMoney(OptionResult result, string option, decimal most)
    {
        if (result.Tokens is [{ Value: var text }] && decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var units)
            && !Micros.TryOf(units, most, out _))
        {
            result.AddError(Micros.Refusal(option, units, most).TrimEnd('.'));
        }
    }
}
