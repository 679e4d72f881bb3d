using System.Globalization;
using System.Text;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Receipts;

/// <summary>A call that the provider never made: a genuine one that is damaged somewhere, or noise. Its signature fits nothing.</summary>
internal sealed class FuzzedCall
{
    private static readonly string[] ContentTypes =
    [
        "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", "application/json", "application/json; charset=x",
        "text/plain", "multipart/form-data; boundary=x", "application/octet-stream",
    ];

    private static readonly string[] Keys = ["AccountSid", "MessageSid", "MessageStatus", "ErrorCode", "To", "From", "Body", "OptOutType", "", "\0", "é", "a b"];

    private readonly Random _random;

    public FuzzedCall(Random random, TenantId tenant, MessageId message, ProviderSid sid)
    {
        _random = random;
        var inbound = random.Next(3) == 0;
        Path = inbound ? "/twilio/inbound" : Damage(TwilioServer.StatusPath(tenant, message));
        var form = inbound
            ? new Dictionary<string, string>
            {
                ["AccountSid"] = TwilioServer.AccountSid,
                ["Body"] = "STOP",
                ["From"] = "+14155550188",
                ["MessageSid"] = TwilioServer.NewSid(),
                ["To"] = TwilioServer.Sender,
            }
            : TwilioServer.StatusForm(sid, "delivered");
        Signatures = Sign(form);
        Content = new ByteArrayContent(Body(form));
        var type = random.Next(3) == 0 ? ContentTypes[random.Next(ContentTypes.Length)] : ContentTypes[0];
        HasReadableType = type.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) || type.StartsWith("application/json", StringComparison.Ordinal);
        Content.Headers.TryAddWithoutValidation("Content-Type", type);
    }

    public string Path { get; }

    public string[] Signatures { get; }

    public ByteArrayContent Content { get; }

    /// <summary>A form or JSON, whatever its body is in fact.</summary>
    public bool HasReadableType { get; }

    /// <summary>It has a signature, such as it is; several come as one.</summary>
    public bool IsSigned => Signatures.Any(signature => signature.Length > 0);

    private string Damage(string path) => _random.Next(8) switch
    {
        0 => path.Split('?')[0],
        1 => path[.._random.Next(path.IndexOf('?', StringComparison.Ordinal), path.Length)],
        2 => path + "&attempt=2",
        3 => path + "&bodySHA256=" + new string('a', _random.Next(100)),
        4 => path.Replace("attempt=1", "attempt=" + _random.Next(-5, 100_000).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
        5 => path + "&%00=%ff&é=1",
        _ => path,
    };

    private string[] Sign(Dictionary<string, string> form) => _random.Next(7) switch
    {
        0 => [],
        1 => [""],
        2 => [new string('A', _random.Next(1, 2_000))],
        3 => ["\u00ff\u00fe"],
        4 => [TwilioServer.Sign(Path, form, "another account's token")],
        5 => [TwilioServer.Sign(Path, form), TwilioServer.Sign(Path, form)],
        _ => [TwilioServer.Sign(Path + "x", form)],
    };

    private byte[] Body(Dictionary<string, string> form)
    {
        switch (_random.Next(6))
        {
            case 0:
                var noise = new byte[_random.Next(3_000)];
                _random.NextBytes(noise);
                return noise;
            case 1:
                return Encoding.ASCII.GetBytes(string.Join('&', Enumerable.Range(0, _random.Next(300)).Select(n => $"Field{n}=%{_random.Next(256):x2}")));
            case 2:
                return Encoding.ASCII.GetBytes("{\"a\":" + new string('[', _random.Next(2_000)));
            default:
                var fields = form.Select(field => (Key: field.Key, Value: Damaged(field.Value))).ToList();
                for (var n = _random.Next(4); n > 0; n--)
                {
                    fields.Add((Keys[_random.Next(Keys.Length)], Damaged("x")));
                }

                return Encoding.UTF8.GetBytes(string.Join('&', fields.Select(field => $"{field.Key}={(_random.Next(4) == 0 ? field.Value : Uri.EscapeDataString(field.Value))}")));
        }
    }

    private string Damaged(string value) => _random.Next(10) switch
    {
        0 => "",
        1 => value + "\0",
        2 => new string('9', _random.Next(1, 400)),
        3 => "%" + value,
        4 => "💣" + value,
        _ => value,
    };
}
