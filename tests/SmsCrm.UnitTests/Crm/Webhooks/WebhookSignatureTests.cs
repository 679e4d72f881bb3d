using System.Security.Cryptography;
using SmsCrm.Crm.Webhooks;

namespace SmsCrm.UnitTests.Crm.Webhooks;

public sealed class WebhookSignatureTests
{
    [Fact]
    public void The_vector_of_the_standard_passes()
    {
        var signature = WebhookSignature.Sign(
            ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""");

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void Two_secrets_give_two_signatures_the_newest_first()
    {
        var (newer, older) = (WebhookSignature.NewSecret(), WebhookSignature.NewSecret());

        var both = WebhookSignature.Sign([newer, older], "msg_1", 1, "{}").Split(' ');

        Assert.Equal([WebhookSignature.Sign([newer], "msg_1", 1, "{}"), WebhookSignature.Sign([older], "msg_1", 1, "{}")], both);
    }

    [Fact]
    public void A_new_secret_has_32_bytes_and_is_never_the_same()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => WebhookSignature.NewSecret()).ToHashSet();

        Assert.Equal(100, secrets.Count);
        Assert.All(secrets, secret => Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_not base64!")]
    public void What_is_no_secret_signs_nothing(string secret) =>
        Assert.Throws<CryptographicException>(() => WebhookSignature.Sign([secret], "msg_1", 1, "{}"));
}
