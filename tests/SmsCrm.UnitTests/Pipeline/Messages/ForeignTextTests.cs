using System.Text;
using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.UnitTests.Pipeline.Messages;

public sealed class ForeignTextTests
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab😀", 3, "ab")]
    [InlineData("ab😀c", 4, "ab😀")]
    [InlineData("😀", 1, "")]
    [InlineData("", 1, "")]
    public void A_text_is_cut_before_the_character_that_has_no_room(string text, int most, string expected) =>
        Assert.Equal(expected, ForeignText.Cut(text, most));

    [Property]
    public bool What_is_storable_can_be_written_as_strict_UTF8_wherever_it_is_cut(string? drawn, ushort at)
    {
        // Halves of pairs, whole ones and U+0000 at every place.
        var text = string.Concat((drawn ?? "").Select((letter, i) => (i % 4) switch { 0 => "😀", 1 => "\uD83D", 2 => "\uDE00\0", _ => letter.ToString() }));

        var cut = ForeignText.Cut(ForeignText.Storable(text), 1 + (at % (text.Length + 1)));

        return Strict.GetBytes(cut).Length >= cut.Length && !cut.Contains('\0', StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_storable_already_stays_as_it_is() => Assert.Equal("Grüße 😀 \uFFFD", ForeignText.Storable("Grüße 😀 \uFFFD"));

    [Fact]
    public void Evidence_of_a_long_text_ends_before_the_emoji_that_would_be_parted()
    {
        var body = "please stop " + new string('a', 1_987) + "😀😀";

        var wording = RecipientChange.ByText(body).Wording!;

        Assert.Equal(body[..1_999], wording);
    }
}
