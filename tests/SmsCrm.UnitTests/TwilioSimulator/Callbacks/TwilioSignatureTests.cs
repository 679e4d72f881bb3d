using System.Text;
using SmsCrm.TwilioSimulator.Callbacks;

namespace SmsCrm.UnitTests.TwilioSimulator.Callbacks;

public sealed class TwilioSignatureTests
{
    private static readonly byte[] Token = "12345"u8.ToArray();

    private static readonly KeyValuePair<string, string>[] Call =
    [
        new("CallSid", "CA1234567890ABCDE"),
        new("Caller", "+14158675309"),
        new("Digits", "1234"),
        new("From", "+14158675309"),
        new("To", "+18005551212"),
    ];

    [Theory]
    [InlineData("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w=")]
    [InlineData("https://mycompany.com:1234/myapp.php?foo=1&bar=2", "CYn1h0gLBdNxDGkKJg6hYohgeD8=")]
    [InlineData("http://mycompany.com:80/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4=")]
    [InlineData("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=")]
    [InlineData("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", "CukzLTc1tT5dXEDIHm/tKBanW10=")]
    [InlineData("https://MyCompany.com/myapp.php?foo=1&bar=2", "g9IN/x4Cft2g517EjYvEvM/W7LU=")]
    public void A_form_is_signed_with_the_url_exactly_as_configured(string url, string signature) =>
        Assert.Equal(signature, TwilioSignature.Compute(Token, url, Call));

    [Fact]
    public void A_repeated_name_counts_each_distinct_value_once_in_order()
    {
        KeyValuePair<string, string>[] parameters =
            [new("Sid", "CA123"), new("SidAccount", "AC123"), new("Digits", "5678"), new("Digits", "1234"), new("Digits", "1234")];

        Assert.Equal("IK+Dwps556ElfBT0I3Rgjkr1wJU=", TwilioSignature.Compute(Token, "https://mycompany.com/myapp.php?foo=1&bar=2", parameters));
    }

    [Fact]
    public void A_json_body_is_signed_by_its_hash_in_the_url()
    {
        const string url = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";

        Assert.Equal("a9nBmqA0ju/hNViExpshrM61xv4=", TwilioSignature.Compute(Token, url, []));
    }

    [Fact]
    public void Empty_values_letters_beyond_ascii_and_ordinal_order_are_kept()
    {
        KeyValuePair<string, string>[] parameters = [new("Body", ""), new("A", "é😀"), new("a", "x"), new("B", "y")];

        Assert.Equal("MPHtXD7Qxalcrpa6v5hviXqalp8=", TwilioSignature.Compute(Token, "https://example.com/twilio/in", parameters));
    }

    [Fact]
    public void A_form_that_is_put_together_for_sending_carries_the_same_signature()
    {
        var form = new SignedForm();
        form.Begin("https://mycompany.com/myapp.php?foo=1&bar=2");
        foreach (var (name, value) in Call)
            form.Add(Encoding.UTF8.GetBytes(name), value);

        Assert.Equal("RSOYDt4T1cUTdK1PDd93/VVr8B8=", form.Sign(Token));
        Assert.Equal(
            "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
            Encoding.UTF8.GetString(form.Body.Span));
    }

    [Fact]
    public void Escaping_for_the_wire_does_not_change_what_is_signed()
    {
        var form = new SignedForm();
        form.Begin("https://example.com/twilio/in");
        form.Add("A"u8, "é😀");
        form.Add("B"u8, "y");
        form.Add("Body"u8, "");
        form.Add("a"u8, "x");

        Assert.Equal("MPHtXD7Qxalcrpa6v5hviXqalp8=", form.Sign(Token));
        Assert.Equal("A=%C3%A9%F0%9F%98%80&B=y&Body=&a=x", Encoding.UTF8.GetString(form.Body.Span));
    }
}
