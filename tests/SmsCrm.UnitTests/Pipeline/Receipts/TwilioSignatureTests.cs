using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Xunit;
using SmsCrm.Pipeline.Receipts;

namespace SmsCrm.UnitTests.Pipeline.Receipts;

/// <summary>The vectors are those of Twilio's own libraries' tests; the last one was computed by hand for what they leave out.</summary>
public sealed class TwilioSignatureTests
{
    private const string Token = "12345";
    private const string Url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    private const string Call = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";

    [Theory]
    [InlineData(Url, Call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("https://mycompany.com:443/myapp.php?foo=1&bar=2", Call, "kvajT1Ptam85bY51eRf/AJRuM3w=")]
    [InlineData("https://mycompany.com:1234/myapp.php?foo=1&bar=2", Call, "CYn1h0gLBdNxDGkKJg6hYohgeD8=")]
    [InlineData("http://mycompany.com:80/myapp.php?foo=1&bar=2", Call, "0ZXoZLH/DfblKGATFgpif+LLRf4=")]
    [InlineData("http://mycompany.com:1234/myapp.php?foo=1&bar=2", Call, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=")]
    [InlineData("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", Call, "CukzLTc1tT5dXEDIHm/tKBanW10=")]
    [InlineData("https://MyCompany.com/myapp.php?foo=1&bar=2", Call, "g9IN/x4Cft2g517EjYvEvM/W7LU=")]
    [InlineData(Url, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU=")]
    [InlineData(Url + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620", "", "a9nBmqA0ju/hNViExpshrM61xv4=")]
    [InlineData("https://example.com/twilio/in", "Body=&A=%C3%A9%F0%9F%98%80&a=x&B=y", "MPHtXD7Qxalcrpa6v5hviXqalp8=")]
    public void A_genuine_call_is_known(string url, string form, string signature)
    {
        Assert.True(IsGenuine(url, form, signature));
        Assert.False(IsGenuine(url, form + "&More=1", signature));
        Assert.False(IsGenuine(url + "&more=1", form, signature));
        Assert.False(IsGenuine(url, form, signature, token: "12346"));
    }

    [Theory]
    [InlineData(Url, "kvajT1Ptam85bY51eRf/AJRuM3w=")]
    [InlineData("https://mycompany.com:443/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("https://mycompany.com:1234/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4=")]
    public void The_port_may_be_said_or_left_out(string url, string signature) => Assert.True(IsGenuine(url, Call, signature));

    [Theory]
    [InlineData("https://sms.example.com", "https://sms.example.com:443")]
    [InlineData("http://sms.example.com", "http://sms.example.com:80")]
    [InlineData("https://sms.example.com:8443/crm", "https://sms.example.com/crm")]
    [InlineData("https://user:pass@sms.example.com", "https://user:pass@sms.example.com:443")]
    [InlineData("https://user:pass@sms.example.com:8443", "https://user:pass@sms.example.com")]
    [InlineData("http://[::1]", "http://[::1]:80")]
    [InlineData("http://[::1]:8080/x", "http://[::1]/x")]
    [InlineData("https://sms.example.com?at=12:30", "https://sms.example.com:443?at=12:30")]
    public void An_address_and_its_other_form(string url, string other) => Assert.Equal([url, other], TwilioSignature.Variants(url));

    [Theory]
    [InlineData("")]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8")]
    [InlineData("not base64 at all, and long enough to be one")]
    [InlineData("RSOYDt4T1cUTdK1PDd93")]
    public void A_presented_signature_that_is_none_is_refused(string presented) => Assert.False(IsGenuine(Url, Call, presented));

    [Fact]
    public void The_order_of_the_fields_does_not_matter() =>
        Assert.True(IsGenuine(Url, string.Join('&', Call.Split('&').Reverse()), "RSOYDt4T1cUTdK1PDd93/VVr8B8="));

    [Property]
    public void What_was_signed_is_genuine_whatever_the_fields_hold(NonNull<string>[] values)
    {
        var fields = values.Take(40).Select((value, i) => (Key: $"Field{i % 7}", Value: new string(value.Get.Where(c => !char.IsSurrogate(c)).ToArray()))).ToList();
        var form = string.Join('&', fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
        var signed = Url + string.Concat(fields.Distinct().OrderBy(f => f.Key, StringComparer.Ordinal).ThenBy(f => f.Value, StringComparer.Ordinal).Select(f => f.Key + f.Value));
        var signature = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes(signed)));

        Assert.True(IsGenuine(Url, form, signature));
    }

    private static bool IsGenuine(string url, string form, string signature, string token = Token)
    {
        var body = Encoding.UTF8.GetBytes(form);
        Assert.True(FormFields.TryParse(body, new byte[body.Length], new FormField[FormFields.MaxFields], out var fields));
        return TwilioSignature.IsGenuine(signature, token, TwilioSignature.Variants(url), "", fields);
    }
}
