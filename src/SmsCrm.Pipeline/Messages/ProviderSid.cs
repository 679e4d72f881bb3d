using System.Globalization;

namespace SmsCrm.Pipeline.Messages;

/// <summary>A provider's message sid: two letters (<c>SM</c> or <c>MM</c>) and 32 hex digits, stored as one letter and a uuid.</summary>
public readonly record struct ProviderSid(char Kind, Guid Value)
{
    public static bool TryParse(string? text, out ProviderSid sid)
    {
        sid = default;
        if (text is not { Length: 34 } || text[1] != 'M' || text[0] is not ('S' or 'M') || !Guid.TryParseExact(text.AsSpan(2), "N", out var value))
        {
            return false;
        }

        sid = new ProviderSid(text[0], value);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}M{Value:N}");
}
