using System.Text;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.UnitTests.Pipeline.Receipts.Inbound;

public sealed class MediaReaderTests
{
    private const string Picture = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";

    [Theory]
    [InlineData("0", 0)]
    [InlineData("3", 3)]
    [InlineData("1000", 100)]
    [InlineData("-1", 0)]
    [InlineData("99999999999999999999", 0)]
    [InlineData("", 0)]
    [InlineData(null, 0)]
    public void Media_are_counted_as_the_provider_says_up_to_a_hundred(string? said, int expected) => Assert.Equal(expected, MediaReader.Count(said));

    [Fact]
    public void Each_has_its_type_and_address() =>
        Assert.Equal(
            [new InboundMedia("image/jpeg", Picture), new InboundMedia("text/x-vcard", Picture + "2")],
            Read($"MediaUrl0={Picture}&MediaContentType0=image/jpeg&MediaUrl1={Picture}2&MediaContentType1=text/x-vcard", 2));

    [Theory]
    [InlineData("MediaContentType0=image/png")]
    [InlineData("MediaContentType0=image/png&MediaUrl0=http://pictures.example.com/1")]
    [InlineData("MediaContentType0=image/png&MediaUrl0=file:///etc/passwd")]
    [InlineData("MediaContentType0=image/png&MediaUrl0=nowhere")]
    [InlineData("MediaContentType0=image/png&MediaUrl0=https://pictures.example.com/1&MediaUrl0=https://pictures.example.com/2")]
    public void An_address_that_is_missing_repeated_or_not_https_is_left_out(string form) =>
        Assert.Equal([new InboundMedia("image/png", "")], Read(form, 1));

    [Fact]
    public void An_address_has_2048_characters_at_most()
    {
        var longest = "https://a/" + new string('a', 2_038);

        Assert.Equal([new InboundMedia("", longest)], Read($"MediaUrl0={longest}", 1));
        Assert.Equal([new InboundMedia("", "")], Read($"MediaUrl0={longest}a", 1));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("image/png%00")]
    [InlineData("image/%F0%9F%98%80")]
    public void What_is_no_media_type_is_left_out(string type) => Assert.Equal([new InboundMedia("", Picture)], Read($"MediaUrl0={Picture}&MediaContentType0={type}", 1));

    [Fact]
    public void Of_ten_at_most_it_is_kept_what_they_are() =>
        Assert.Equal(10, Read(string.Join('&', Enumerable.Range(0, 40).Select(n => $"MediaUrl{n}={Picture}")), 40).Count);

    private static IReadOnlyList<InboundMedia> Read(string body, short count)
    {
        Assert.True(FormFields.TryParse(Encoding.UTF8.GetBytes(body), new byte[body.Length * 4], new FormField[FormFields.MaxFields], out var form));
        return MediaReader.Read(form, count);
    }
}
