namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The numbers that Twilio answers with a certain error (twilio.com/docs/iam/test-credentials). Twilio knows them with test
/// credentials only; here they work in every account.</summary>
internal static class MagicNumbers
{
    /// <summary>The only sender that test credentials may use.</summary>
    public const string GoodFrom = "+15005550006";

    private const string Prefix = "+1500555000";

    public static ApiError? From(string from) => Last(from) switch
    {
        '1' => ApiError.FromInvalid(from),
        '7' => ApiError.FromNotCapable(from),
        '8' => ApiError.QueueFull,
        _ => null,
    };

    public static ApiError? To(string to, string from) => Last(to) switch
    {
        '1' => ApiError.ToInvalid(to),
        '2' => ApiError.Unreachable(to, from),
        '3' => ApiError.RegionNotEnabled(to),
        '4' => ApiError.Unsubscribed,
        '9' => ApiError.NotMobile(to),
        _ => null,
    };

    private static char Last(string number) =>
        number.Length == Prefix.Length + 1 && number.StartsWith(Prefix, StringComparison.Ordinal) ? number[^1] : '\0';
}
