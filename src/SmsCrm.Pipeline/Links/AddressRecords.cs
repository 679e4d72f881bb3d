using System.Globalization;

namespace SmsCrm.Pipeline.Links;

/// <summary>What is read of a database's records: MaxMind's fields (GeoLite2, DB-IP) and the flat ones of others (IPinfo); pure.</summary>
internal static class AddressRecords
{
    public const string NetworkFields = "autonomous_system_number or asn";
    public const string CountryFields = "country.iso_code or country_code";

    /// <returns>The autonomous system's number; 0: not known.</returns>
    public static long NetworkOf(Dictionary<string, object> record) => (Value(record, "autonomous_system_number") ?? Value(record, "asn")) switch
    {
        string text => long.TryParse(Digits(text), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
        IConvertible number => Convert.ToInt64(number, CultureInfo.InvariantCulture),
        _ => 0,
    };

    /// <returns>ISO 3166-1 alpha-2 in capitals; null: not known, or no one country's (EU, AP).</returns>
    public static string? CountryOf(Dictionary<string, object> record)
    {
        var code = Value(record, "country") is Dictionary<string, object> country ? Value(country, "iso_code") : Value(record, "country_code") ?? Value(record, "country");
        return code is string { Length: 2 } letters && char.IsAsciiLetter(letters[0]) && char.IsAsciiLetter(letters[1])
            && letters.ToUpperInvariant() is var capitals and not ("EU" or "AP" or "XX" or "ZZ")
            ? capitals
            : null;
    }

    private static string Digits(string number) => number.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? number[2..] : number;

    private static object? Value(Dictionary<string, object> record, string field) => record.GetValueOrDefault(field);
}
