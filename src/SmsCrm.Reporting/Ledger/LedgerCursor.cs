using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace SmsCrm.Reporting.Ledger;

/// <summary>The line after which the next page begins. Opaque to callers: base64url of a version, the day and the campaign.</summary>
public readonly record struct LedgerCursor(DateOnly Day, string CampaignId)
{
    private const string Version = "1";
    private const int MostBytes = 512;
    private const string DayFormat = "yyyyMMdd";

    /// <summary>False for what was never handed out.</summary>
    public static bool TryDecode(string text, out LedgerCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[MostBytes];
        if (text.Length > MostBytes || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length))
        {
            return false;
        }

        var decoded = Encoding.UTF8.GetString(bytes[..length]);
        var start = Version.Length + DayFormat.Length;
        if (decoded.Length < start || !decoded.StartsWith(Version, StringComparison.Ordinal) || decoded.Contains('\0')
            || !DateOnly.TryParseExact(decoded.AsSpan(Version.Length, DayFormat.Length), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return false;
        }

        cursor = new LedgerCursor(day, decoded[start..]);
        return true;
    }

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Version}{Day.ToString(DayFormat, CultureInfo.InvariantCulture)}{CampaignId}"));
}
