using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.UnitTests.TwilioSimulator.Senders;

public sealed class SegmentsTests
{
    [Theory]
    [InlineData("a", 160, 1)]
    [InlineData("a", 161, 2)]
    [InlineData("a", 306, 2)]
    [InlineData("a", 307, 3)]
    [InlineData("€", 80, 1)]
    [InlineData("€", 81, 2)]
    [InlineData("á", 70, 1)]
    [InlineData("á", 71, 2)]
    [InlineData("á", 134, 2)]
    [InlineData("á", 135, 3)]
    [InlineData("😀", 35, 1)]
    [InlineData("😀", 36, 2)]
    [InlineData("😀", 66, 2)]
    [InlineData("😀", 67, 3)]
    [InlineData("", 0, 1)]
    public void A_text_has_the_parts_that_the_reference_counts(string unit, int times, int parts) =>
        Assert.Equal(parts, Segments.Count(string.Concat(Enumerable.Repeat(unit, times))));

    [Theory]
    [InlineData("😜", 68, 1)]
    [InlineData("😜", 69, 2)]
    [InlineData("😜", 133, 3)]
    [InlineData("🏳️‍🌈", 64, 1)]
    [InlineData("🏳️‍🌈", 65, 2)]
    public void One_letter_beyond_gsm_makes_the_whole_text_ucs2(string first, int asciiAfter, int parts) =>
        Assert.Equal(parts, Segments.Count(first + new string('a', asciiAfter)));

    [Fact]
    public void An_escaped_character_never_stands_in_two_parts() =>
        Assert.Equal(2, Segments.Count(new string('a', 152) + "€" + new string('a', 10)));

    [Theory]
    [InlineData("Ç", 160, 1)]
    [InlineData("ç", 71, 2)]
    [InlineData("`", 71, 2)]
    public void Some_letters_look_like_gsm_and_are_not(string letter, int times, int parts) =>
        Assert.Equal(parts, Segments.Count(string.Concat(Enumerable.Repeat(letter, times))));
}
