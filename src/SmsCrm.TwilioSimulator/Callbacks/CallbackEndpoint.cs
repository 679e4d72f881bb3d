using System.Collections.Concurrent;
using System.Text;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>A server that callbacks go to: scheme, host, port, and the credentials of the URL.</summary>
internal sealed class CallbackEndpoint
{
    private const int MostKept = 10_000;
    private static readonly ConcurrentDictionary<string, CallbackEndpoint> Known = new();
    private static readonly ConcurrentDictionary<string, CallbackEndpoint>.AlternateLookup<ReadOnlySpan<char>> KnownBySpan =
        Known.GetAlternateLookup<ReadOnlySpan<char>>();

    private CallbackEndpoint(Uri uri)
    {
        Host = uri.IdnHost;
        Port = uri.Port;
        IsTls = uri.Scheme == Uri.UriSchemeHttps;
        Authority = uri.Authority;
        var credentials = uri.UserInfo.Length == 0
            ? ""
            : $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(uri.UserInfo)))}\r\n";
        Headers = Encoding.ASCII.GetBytes(
            $"Host: {(uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}")}\r\n"
            + $"{credentials}User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n");
    }

    public string Host { get; }

    public int Port { get; }

    public bool IsTls { get; }

    /// <summary>Host and port, for logs.</summary>
    public string Authority { get; }

    /// <summary>The header lines that every request to it has.</summary>
    public byte[] Headers { get; }

    /// <summary>The endpoint of a URL up to its path, or null when it is none: there are few, so each is understood once.</summary>
    public static CallbackEndpoint? Find(ReadOnlySpan<char> schemeAndAuthority)
    {
        if (KnownBySpan.TryGetValue(schemeAndAuthority, out var known))
            return known;
        var text = schemeAndAuthority.ToString();
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.Host.Length == 0 || uri.Host.Contains('_'))
            return null;
        var endpoint = new CallbackEndpoint(uri);
        return Known.Count < MostKept ? Known.GetOrAdd(text, endpoint) : endpoint;
    }
}
