using System.Globalization;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>
/// Where callbacks go and how hard they are tried. The URL's fragment overrides Twilio's defaults (twilio.com/docs/usage/webhooks/
/// webhooks-connection-overrides): <c>ct</c> 100-10000 ms to connect (5000), <c>rt</c> and <c>tt</c> 100-15000 ms for the answer and in
/// all (15000), <c>rc</c> 0-5 retries (1), <c>rp</c> what is retried: any of <c>4xx,5xx,ct,rt,all</c> (ct). An override out of range or unknown is
/// left aside. The fragment is neither sent nor signed.
/// </summary>
internal sealed class CallbackTarget
{
    private const int LongestUrl = 4000;

    private readonly int _pathStart;

    private CallbackTarget(string url, CallbackEndpoint endpoint, int pathStart)
    {
        Url = url;
        Endpoint = endpoint;
        _pathStart = pathStart;
    }

    /// <summary>What is signed: the URL as it was given, without its fragment.</summary>
    public string Url { get; }

    public CallbackEndpoint Endpoint { get; }

    /// <summary>As they were given, byte by byte, so that the receiver sees what was signed. May begin with the query, or be empty.</summary>
    public ReadOnlySpan<char> PathAndQuery => Url.AsSpan(_pathStart);

    public int ConnectMs { get; private set; } = 5000;

    public int AnswerMs { get; private set; } = 15_000;

    public int TotalMs { get; private set; } = 15_000;

    public int Retries { get; private set; } = 1;

    public RetryCauses RetryOn { get; private set; } = RetryCauses.Connect;

    /// <summary>False for what Twilio refuses with 21609: no absolute http(s) URL, more than 4,000 characters, a space or control
    /// character, an underscore in the host. Unlike Twilio, a loopback host is fine: that is where a simulator's callbacks go.</summary>
    public static bool TryParse(string url, out CallbackTarget target)
    {
        target = null!;
        if (url.Length > LongestUrl || url.AsSpan().ContainsAnyInRange('\0', ' ') || url.Contains('\x7f'))
            return false;
        var hash = url.IndexOf('#', StringComparison.Ordinal);
        var plain = hash < 0 ? url : url[..hash];
        var authority = plain.IndexOf("://", StringComparison.Ordinal) + 3;
        if (authority < 3)
            return false;
        var length = plain.AsSpan(authority).IndexOfAny('/', '?');
        var pathStart = length < 0 ? plain.Length : authority + length;
        if (CallbackEndpoint.Find(plain.AsSpan(0, pathStart)) is not { } endpoint)
            return false;
        target = new CallbackTarget(plain, endpoint, pathStart);
        if (hash >= 0)
            target.Override(url.AsSpan(hash + 1));
        return true;
    }

    /// <summary>The value of a query parameter, as it stands; empty when the URL is null or has none.</summary>
    public static ReadOnlySpan<char> QueryValue(string? url, ReadOnlySpan<char> parameter)
    {
        var rest = url.AsSpan();
        var hash = rest.IndexOf('#');
        if (hash >= 0)
            rest = rest[..hash];
        var question = rest.IndexOf('?');
        if (question < 0)
            return default;
        rest = rest[(question + 1)..];
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('&');
            var pair = end < 0 ? rest : rest[..end];
            if (pair.Length > parameter.Length && pair[parameter.Length] == '=' && pair.StartsWith(parameter, StringComparison.Ordinal))
                return pair[(parameter.Length + 1)..];
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return default;
    }

    private void Override(ReadOnlySpan<char> fragment)
    {
        foreach (var range in fragment.Split('&'))
        {
            var pair = fragment[range];
            if (pair.Length < 4 || pair[2] != '=')
                continue;
            var value = pair[3..];
            switch (pair[..2])
            {
                case "ct":
                    ConnectMs = Within(value, 100, 10_000, ConnectMs);
                    break;
                case "rt":
                    AnswerMs = Within(value, 100, 15_000, AnswerMs);
                    break;
                case "tt":
                    TotalMs = Within(value, 100, 15_000, TotalMs);
                    break;
                case "rc":
                    Retries = Within(value, 0, 5, Retries);
                    break;
                case "rp":
                    RetryOn = Causes(value);
                    break;
            }
        }
    }

    private static int Within(ReadOnlySpan<char> text, int least, int most, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : otherwise;

    private static RetryCauses Causes(ReadOnlySpan<char> list)
    {
        var causes = RetryCauses.None;
        foreach (var range in list.Split(','))
        {
            causes |= list[range] switch
            {
                "4xx" => RetryCauses.ClientError,
                "5xx" => RetryCauses.ServerError,
                "ct" => RetryCauses.Connect,
                "rt" => RetryCauses.Answer,
                "all" => RetryCauses.All,
                _ => RetryCauses.None,
            };
        }
        return causes == RetryCauses.None ? RetryCauses.Connect : causes;
    }
}

/// <summary>Why a callback did not succeed, and what is tried again.</summary>
[Flags]
internal enum RetryCauses
{
    None = 0, ClientError = 1, ServerError = 2, Connect = 4, Answer = 8, All = 15,
}
