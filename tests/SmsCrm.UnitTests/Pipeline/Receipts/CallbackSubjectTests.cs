using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Receipts;

namespace SmsCrm.UnitTests.Pipeline.Receipts;

public sealed class CallbackSubjectTests
{
    private const string Tenant = "tenant=01890000-0000-7000-8000-000000000001";
    private const string Message = "message=01890000-0000-7000-8000-000000000002";

    [Fact]
    public void What_was_asked_for_comes_back()
    {
        var tenant = new TenantId(new Guid("01890000-0000-7000-8000-000000000001"));
        var message = new MessageId(new Guid("01890000-0000-7000-8000-000000000002"));
        var query = new Uri(StatusCallbackUrl.For("https://sms.example.com", tenant, message, 3)).Query;

        Assert.Null(CallbackSubject.Read(query, out var subject));

        Assert.Equal(new CallbackSubject(tenant, message, 3), subject);
    }

    [Theory]
    [InlineData("", "tenant: ''")]
    [InlineData("?" + Message + "&attempt=1", "tenant: ''")]
    [InlineData("?tenant=x&" + Message + "&attempt=1", "tenant: 'x'")]
    [InlineData("?" + Tenant + "&attempt=1", "message: ''")]
    [InlineData("?" + Tenant + "&message=01890000-0000-4000-8000-000000000002&attempt=1", "message: '01890000-0000-4000-8000-000000000002'")]
    [InlineData("?" + Tenant + "&" + Message, "attempt: ''")]
    [InlineData("?" + Tenant + "&" + Message + "&attempt=0", "attempt: '0'")]
    [InlineData("?" + Tenant + "&" + Message + "&attempt=-1", "attempt: '-1'")]
    [InlineData("?" + Tenant + "&" + Message + "&attempt=40000", "attempt: '40000'")]
    [InlineData("?" + Tenant + "&" + Message + "&attempt=1&attempt=2", "query: 'attempt'")]
    [InlineData("?" + Tenant + "&" + Message + "&attempt=1&more=2", "query: 'more'")]
    public void Nonsense_is_named(string query, string expected) => Assert.StartsWith(expected, CallbackSubject.Read(query, out _), StringComparison.Ordinal);
}
