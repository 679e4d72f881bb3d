using System.Globalization;

namespace SmsCrm.Pipeline.Messages;

/// <summary>A telephone number in E.164: up to 15 digits, kept as a number because that is what the ledger's keys are.</summary>
public readonly record struct PhoneNumber(long Digits) : IComparable<PhoneNumber>
{
    /// <summary>For logs: the last four digits only.</summary>
    public string Masked
    {
        get
        {
            var text = Digits.ToString(CultureInfo.InvariantCulture);
            return text.Length <= 4 ? "+****" : string.Concat("+", new string('*', text.Length - 4), text.AsSpan(text.Length - 4));
        }
    }

    public int CompareTo(PhoneNumber other) => Digits.CompareTo(other.Digits);

    /// <summary>Reads <c>+</c> and 5 to 15 digits; whether the number exists is not asked here.</summary>
    public static bool TryParseE164(string? text, out PhoneNumber number)
    {
        number = default;
        if (text is not { Length: >= 6 and <= 16 } || text[0] != '+' || text[1] == '0')
        {
            return false;
        }

        if (!long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits))
        {
            return false;
        }

        number = new PhoneNumber(digits);
        return true;
    }

    /// <summary>The E.164 form with its plus sign.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"+{Digits}");
}
