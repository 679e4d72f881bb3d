using System.Text;
using SmsCrm.TwilioSimulator.Api;

namespace SmsCrm.UnitTests.TwilioSimulator.Api;

public sealed class FormReaderTests
{
    [Theory]
    [InlineData("a+b", "a b")]
    [InlineData("a%20b", "a b")]
    [InlineData("%2B14155550101", "+14155550101")]
    [InlineData("%c3%A9%F0%9F%98%80", "é😀")]
    [InlineData("100%", "100%")]
    [InlineData("%2", "%2")]
    [InlineData("%zz", "%zz")]
    [InlineData("", "")]
    public void A_value_is_decoded_whichever_way_the_sdk_escaped_it(string encoded, string decoded) =>
        Assert.Equal(decoded, FormReader.Decode(Encoding.UTF8.GetBytes(encoded)));

    [Fact]
    public void Pairs_come_in_order_and_empty_ones_are_left_out()
    {
        var reader = new FormReader("To=%2B1&&Body=&MediaUrl=a&MediaUrl=b&flag"u8);
        var pairs = new List<string>();
        while (reader.Read(out var key, out var value))
            pairs.Add($"{Encoding.UTF8.GetString(key)}:{FormReader.Decode(value)}");

        Assert.Equal(["To:+1", "Body:", "MediaUrl:a", "MediaUrl:b", "flag:"], pairs);
    }
}
