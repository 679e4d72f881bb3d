using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class StatusCallbackUrlTests
{
    private static readonly TenantId Tenant = new(new Guid("01890000-0000-7000-8000-000000000001"));
    private static readonly MessageId Message = new(new Guid("01890000-0000-7000-8000-000000000002"));

    [Theory]
    [InlineData("https://sms.example.com")]
    [InlineData("https://sms.example.com/")]
    public void It_says_whose_word_it_will_be_and_how_to_retry(string baseUrl) => Assert.Equal(
        "https://sms.example.com/twilio/status?tenant=01890000-0000-7000-8000-000000000001&message=01890000-0000-7000-8000-000000000002&attempt=2#rc=3&rp=5xx,ct,rt",
        StatusCallbackUrl.For(baseUrl, Tenant, Message, 2));

    [Fact]
    public void A_path_before_ours_stays() =>
        Assert.StartsWith("https://example.com/crm/twilio/status?", StatusCallbackUrl.For("https://example.com/crm/", Tenant, Message, 1));
}
