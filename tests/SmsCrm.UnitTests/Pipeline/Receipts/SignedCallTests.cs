using System.Security.Cryptography;
using System.Text;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;

namespace SmsCrm.UnitTests.Pipeline.Receipts;

/// <summary>What is signed of a call, and by which of an account's tokens.</summary>
public sealed class SignedCallTests
{
    private const string Address = "https://mycompany.com";
    private const string Path = "/myapp.php";
    private const string Query = "?foo=1&bar=2";

    /// <summary>The vector of Twilio's own libraries' tests.</summary>
    private const string Body = """{"property": "value", "boolean": true}""";
    private const string Hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    private const string SignatureOfBody = "a9nBmqA0ju/hNViExpshrM61xv4=";
    private const string Call = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    private const string SignatureOfCall = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public void A_JSON_body_is_genuine_by_its_hash_in_the_signed_address() =>
        Assert.True(IsGenuine($"{Query}&bodySHA256={Hash}", Body, isJson: true, SignatureOfBody));

    [Fact]
    public void A_JSON_body_that_does_not_fit_its_hash_is_refused() =>
        Assert.False(IsGenuine($"{Query}&bodySHA256={Hash}", Body.Replace("true", "false", StringComparison.Ordinal), isJson: true, SignatureOfBody));

    [Fact]
    public void A_hash_that_the_signature_does_not_cover_is_refused()
    {
        const string other = """{"property": "other"}""";

        Assert.False(IsGenuine($"{Query}&bodySHA256={Sha256(other)}", other, isJson: true, SignatureOfBody));
    }

    [Fact]
    public void A_JSON_body_without_a_hash_is_refused_also_where_the_address_alone_is_signed() =>
        Assert.False(IsGenuine(Query, Body, isJson: true, Sign(Address + Path + Query)));

    [Fact]
    public void A_hash_that_is_given_twice_fits_nothing()
    {
        var query = $"{Query}&bodySHA256={Hash}&bodySHA256={Hash}";

        Assert.False(IsGenuine(query, Body, isJson: true, Sign(Address + Path + query)));
    }

    /// <summary>Computed with npm twilio 6.2.0, whose <c>validateRequest</c> takes both for the address that was called with <c>'</c>.</summary>
    [Theory]
    [InlineData("Zsju5eADTNRmPxnMW2LuLXTjmaw=", true)]
    [InlineData("Dym1TkWZT+ZzLLmxcnG4pIswnsY=", true)]
    [InlineData("RSOYDt4T1cUTdK1PDd93/VVr8B8=", false)]
    public void A_call_may_be_signed_over_another_spelling_of_its_query(string signature, bool isGenuine) =>
        Assert.Equal(isGenuine, IsGenuine("?name=O'Brien&foo=1", "", isJson: false, signature));

    [Theory]
    [InlineData("12345", null, true)]
    [InlineData("the new one", "12345", true)]
    [InlineData("the new one", "another", false)]
    [InlineData("the new one", null, false)]
    public void The_token_before_the_change_is_good_too(string token, string? previous, bool isGenuine) =>
        Assert.Equal(isGenuine, IsGenuine(Query, Call, isJson: false, SignatureOfCall, Account(token, previous, Now.AddSeconds(1))));

    [Fact]
    public void The_token_before_the_change_is_good_for_its_time_only() =>
        Assert.False(IsGenuine(Query, Call, isJson: false, SignatureOfCall, Account("the new one", "12345", until: Now)));

    [Theory]
    [InlineData("""{"MessageSid":"SM1","Price":1.5,"Ok":true,"Nothing":null}""", "MessageSid=SM1,Price=1.5,Ok=true,Nothing=")]
    [InlineData("""{"a":"\u00e9\ud83d\ude00\n"}""", "a=é😀\n")]
    [InlineData("{}", "")]
    public void A_JSON_object_is_read_as_fields(string json, string fields) => Assert.Equal(fields, Fields(json));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("""{"a":{"b":1}}""")]
    [InlineData("""{"a":[1]}""")]
    [InlineData("""{"a":"\ud83d"}""")]
    [InlineData("{} {}")]
    public void Other_JSON_is_refused(string json) => Assert.Null(Fields(json));

    private static string? Fields(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        if (!JsonFields.TryParse(body, new byte[body.Length], new FormField[FormFields.MaxFields], out var fields))
        {
            return null;
        }

        var found = new List<string>();
        foreach (var key in new[] { "MessageSid", "Price", "Ok", "Nothing", "a" })
        {
            if (fields.TryGet(Encoding.UTF8.GetBytes(key), out var value))
            {
                found.Add($"{key}={Encoding.UTF8.GetString(value)}");
            }
        }

        return string.Join(',', found);
    }

    private static bool IsGenuine(string query, string body, bool isJson, string signature, ProviderAccount? account = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.True(SignedCall.TryRead(isJson, bytes, new byte[bytes.Length], new FormField[FormFields.MaxFields], out var fields));
        return SignedCall.IsGenuine(
            signature, account ?? Account("12345", null, default), Now, TwilioSignature.Variants(Address), Path, query, isJson, bytes, fields);
    }

    private static ProviderAccount Account(string token, string? previous, DateTimeOffset until) =>
        new(Guid.Empty, new TenantId(Guid.Empty), "AC", token, new Uri("http://127.0.0.1"), 1, 1) { PreviousAuthToken = previous, PreviousTokenUntil = until };

    private static string Sign(string text) => Convert.ToBase64String(HMACSHA1.HashData("12345"u8, Encoding.UTF8.GetBytes(text)));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
