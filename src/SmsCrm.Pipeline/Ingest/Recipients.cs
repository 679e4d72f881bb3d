using System.Globalization;
using PhoneNumbers;
using PhoneNumber = SmsCrm.Pipeline.Messages.PhoneNumber;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>Turns what a caller writes into an E.164 number that exists, by libphonenumber's rules of each country.</summary>
internal static class Recipients
{
    private const int MaxLength = 32;

    /// <summary>Twilio's magic numbers, +1 500 555 xxxx, are allowed for the simulator and test accounts.</summary>
    private const long MagicPrefix = 1_500_555;

    private static readonly PhoneNumberUtil Util = PhoneNumberUtil.GetInstance();
    private static readonly HashSet<string> Regions = Util.GetSupportedRegions();

    public static bool IsCountry(string country) => Regions.Contains(country);

    /// <summary>Null when the number is usable; else what is wrong and the remedy.</summary>
    /// <param name="country">The number's country, empty where it has none (+800, +883).</param>
    public static string? Read(string text, string defaultCountry, out PhoneNumber number, out string country)
    {
        number = default;
        country = "";
        if (text.Length == 0)
        {
            return "is missing: give the recipient's number in E.164, such as +14155550123";
        }

        if (NorthAmericanNumbers.TryRead(text, out number, out country))
        {
            return null;
        }

        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExcept("+0123456789 ()-./"))
        {
            return $"is '{Shown.Value(text)}', which is not a telephone number: use E.164, such as +14155550123";
        }

        PhoneNumbers.PhoneNumber parsed;
        try
        {
            parsed = Util.Parse(text, defaultCountry);
        }
        catch (NumberParseException unreadable)
        {
            return unreadable.ErrorType == ErrorType.INVALID_COUNTRY_CODE
                ? $"is '{text}', whose country code does not exist: use E.164, such as +14155550123"
                : $"is '{text}', which is not a telephone number: use E.164, such as +14155550123";
        }

        var digits = Digits(parsed);
        var region = Util.GetRegionCodeForNumber(parsed);
        if (digits / 10_000 != MagicPrefix && (region is null || !Util.IsValidNumberForRegion(parsed, region)))
        {
            return text[0] == '+'
                ? $"is '{text}', which no country assigns: check its digits"
                : $"is '{text}', which {defaultCountry} does not assign: check its digits, or use E.164 or default_country";
        }

        number = new PhoneNumber(digits);
        country = region is { Length: 2 } && char.IsAsciiLetter(region[0]) ? region : "";
        NorthAmericanNumbers.Learn(number, country);
        return null;
    }

    /// <summary>By way of the text, because leading zeros belong to the number in some countries (Italy).</summary>
    private static long Digits(PhoneNumbers.PhoneNumber parsed) =>
        long.TryParse(Util.Format(parsed, PhoneNumberFormat.E164).AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? digits : 0;
}
