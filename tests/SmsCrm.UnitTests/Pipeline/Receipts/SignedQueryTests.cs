using SmsCrm.Pipeline.Receipts;

namespace SmsCrm.UnitTests.Pipeline.Receipts;

/// <summary>The other forms are what Node makes of the query: <c>new URL(url).search</c>, and that through <c>querystring.stringify(parse(...))</c>.</summary>
public sealed class SignedQueryTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("?foo=1&bar=2")]
    [InlineData("?message_id=0199-a_b.c~d&tenant=(x)!*")]
    public void A_plain_query_has_one_form(string query) => Assert.Equal([query], SignedQuery.Forms(query));

    [Theory]
    [InlineData("?name=O'Brien", "?name=O%27Brien", null)]
    [InlineData("?name=O%27Brien", null, "?name=O'Brien")]
    [InlineData("?q=a+b", null, "?q=a%20b")]
    [InlineData("?q=\"<é>\"", "?q=%22%3C%C3%A9%3E%22", null)]
    [InlineData("?b=2&a=1&b=3", null, "?b=2&b=3&a=1")]
    [InlineData("?flag", null, "?flag=")]
    [InlineData("?at=12:30/x,y", null, "?at=12%3A30%2Fx%2Cy")]
    public void Other_spellings_are_forms_of_their_own(string query, string? normalised, string? stringified) =>
        Assert.Equal([.. new[] { query, normalised, stringified }.OfType<string>()], SignedQuery.Forms(query));
}
