using System.Text;
using FsCheck.Xunit;
using SmsCrm.Pipeline.Receipts;

namespace SmsCrm.UnitTests.Pipeline.Receipts;

public sealed class FormFieldsTests
{
    [Theory]
    [InlineData("a=1&b=2", "b", "2")]
    [InlineData("a=1&b", "b", "")]
    [InlineData("b=", "b", "")]
    [InlineData("&&b=x&&", "b", "x")]
    [InlineData("b=x=y", "b", "x=y")]
    [InlineData("b=+x%20y%2B", "b", " x y+")]
    [InlineData("%62=%C3%A9", "b", "é")]
    [InlineData("b=%F0%9f%98%80", "b", "😀")]
    public void A_field_is_read_as_it_was_meant(string body, string key, string value) => Assert.Equal(value, Get(body, key));

    [Theory]
    [InlineData("a=1")]
    [InlineData("b=1&b=2")]
    [InlineData("b=1&b=1")]
    [InlineData("")]
    public void A_field_that_is_missing_or_repeated_is_not_there(string body) => Assert.Null(Get(body, "b"));

    [Theory]
    [InlineData("a=%")]
    [InlineData("a=%4")]
    [InlineData("a=%4G")]
    [InlineData("a=%-1")]
    [InlineData("%zz=1")]
    public void A_broken_escape_is_no_form(string body) => Assert.False(TryParse(body));

    [Fact]
    public void A_form_has_its_limit()
    {
        Assert.True(TryParse(string.Join('&', Enumerable.Range(0, FormFields.MaxFields).Select(i => $"f{i}=1"))));
        Assert.False(TryParse(string.Join('&', Enumerable.Range(0, FormFields.MaxFields + 1).Select(i => $"f{i}=1"))));
    }

    [Property]
    public void Rubbish_never_throws(byte[] body) => FormFields.TryParse(body, new byte[body.Length], new FormField[FormFields.MaxFields], out _);

    private static bool TryParse(string body) => FormFields.TryParse(Encoding.UTF8.GetBytes(body), new byte[body.Length * 4], new FormField[FormFields.MaxFields], out _);

    private static string? Get(string body, string key)
    {
        Assert.True(FormFields.TryParse(Encoding.UTF8.GetBytes(body), new byte[body.Length * 4], new FormField[FormFields.MaxFields], out var form));
        return form.TryGet(Encoding.UTF8.GetBytes(key), out var value) ? Encoding.UTF8.GetString(value) : null;
    }
}
