using System.Globalization;
using PhoneNumber = SmsCrm.Pipeline.Messages.PhoneNumber;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Remembers what libphonenumber said of an area code and exchange (+1 and six digits) of the US and Canada: there every rule ends in at
/// least four free digits, so that the last four change neither validity nor country (read from libphonenumber 9.0.43 and tried with three
/// numbers of every prefix; it is not so in Barbados and Jamaica). A lookup there costs 4-12 us, more than all else of accepting a message.
/// </summary>
internal static class NorthAmericanNumbers
{
    private const int Length = 12;
    private const int Prefixes = 1_000_000;
    private const long CountryCode = 10_000_000_000;

    /// <summary>By area code and exchange: the country of valid numbers, null where nothing is known. 8 MB.</summary>
    private static readonly string?[] Countries = new string?[Prefixes];

    /// <summary>Reads +1 and ten digits whose prefix is known to be valid.</summary>
    public static bool TryRead(string text, out PhoneNumber number, out string country)
    {
        number = default;
        country = "";
        if (text.Length != Length || text[0] != '+' || text[1] != '1'
            || !long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits)
            || Volatile.Read(ref Countries[Prefix(digits)]) is not { } known)
        {
            return false;
        }

        number = new PhoneNumber(digits);
        country = known;
        return true;
    }

    /// <summary>Notes a number that is valid.</summary>
    /// <param name="country">Of that number.</param>
    public static void Learn(PhoneNumber number, string country)
    {
        if (country is "US" or "CA" && number.Digits / CountryCode == 1)
        {
            Volatile.Write(ref Countries[Prefix(number.Digits)], country);
        }
    }

    private static int Prefix(long digits) => (int)(digits % CountryCode / 10_000);
}
