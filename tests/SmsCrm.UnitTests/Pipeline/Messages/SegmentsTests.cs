using System.Text.Json;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Messages;

/// <summary>Expected values are those of npm sms-segments-calculator 1.3.0, smart encoding off.</summary>
public sealed class SegmentsTests
{
    [Theory]
    [InlineData("a", 160, 1)]
    [InlineData("a", 161, 2)]
    [InlineData("a", 306, 2)]
    [InlineData("a", 307, 3)]
    [InlineData("€", 80, 1)]
    [InlineData("€", 81, 2)]
    [InlineData("Ç", 160, 1)]
    public void Texts_of_the_GSM_alphabet_count_in_septets(string unit, int times, int segments) =>
        AssertCount(string.Concat(Enumerable.Repeat(unit, times)), SmsEncoding.Gsm7, segments);

    [Theory]
    [InlineData("á", 70, 1)]
    [InlineData("á", 71, 2)]
    [InlineData("á", 134, 2)]
    [InlineData("á", 135, 3)]
    [InlineData("😀", 35, 1)]
    [InlineData("😀", 36, 2)]
    [InlineData("😀", 66, 2)]
    [InlineData("😀", 67, 3)]
    [InlineData("ç", 71, 2)]
    [InlineData("`", 71, 2)]
    public void One_character_outside_of_it_turns_the_text_to_16_bit_units(string unit, int times, int segments) =>
        AssertCount(string.Concat(Enumerable.Repeat(unit, times)), SmsEncoding.Ucs2, segments);

    [Theory]
    [InlineData("😜", 68, 1)]
    [InlineData("😜", 69, 2)]
    [InlineData("😜", 133, 3)]
    [InlineData("🏳️‍🌈", 64, 1)]
    [InlineData("🏳️‍🌈", 65, 2)]
    public void An_emoji_before_plain_letters(string emoji, int letters, int segments) =>
        AssertCount(emoji + new string('a', letters), SmsEncoding.Ucs2, segments);

    [Fact]
    public void An_escape_pair_is_not_split_between_two_parts() =>
        AssertCount(new string('a', 152) + "€" + new string('a', 10), SmsEncoding.Gsm7, 2);

    [Fact]
    public void An_escape_pair_that_would_straddle_two_parts_costs_a_septet()
    {
        // 152 + 2 leaves the pair to the second part, whose 153 then end one short of the text.
        AssertCount(new string('a', 152) + "€" + new string('a', 151), SmsEncoding.Gsm7, 2);
        AssertCount(new string('a', 152) + "€" + new string('a', 152), SmsEncoding.Gsm7, 3);
    }

    [Fact]
    public void What_a_reader_sees_as_one_character_is_not_split_between_two_parts()
    {
        // 64 letters leave 3 units of the first part, the flag needs 6.
        AssertCount("á" + new string('a', 63) + "🏳️‍🌈" + new string('a', 61), SmsEncoding.Ucs2, 2);
        AssertCount("á" + new string('a', 63) + "🏳️‍🌈" + new string('a', 62), SmsEncoding.Ucs2, 3);
    }

    [Fact]
    public void A_line_break_of_two_characters_may_be_split() =>
        AssertCount("á" + new string('a', 65) + "\r\n" + new string('a', 66), SmsEncoding.Ucs2, 2);

    /// <summary>segments.json was made by the package itself: 400 texts of random characters, a quarter each of GSM-7 without and with escapes, with a few others, with many others.</summary>
    [Fact]
    public void Random_texts_count_as_the_package_counts_them()
    {
        var file = Path.Combine(Checkout.Root, "tests", "SmsCrm.UnitTests", "Pipeline", "Messages", "segments.json");
        using var vectors = JsonDocument.Parse(File.ReadAllText(file));
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var text = vector.GetProperty("text").GetString()!;

            var count = Segments.Count(text);

            Assert.Equal(
                (vector.GetProperty("encoding").GetString(), vector.GetProperty("segments").GetInt32(), text),
                (count.Encoding == SmsEncoding.Gsm7 ? "GSM-7" : "UCS-2", count.Segments, text));
        }
    }

    [Fact]
    public void An_empty_text_is_one_part() => AssertCount("", SmsEncoding.Gsm7, 1);

    [Fact]
    public void The_longest_allowed_body_takes_at_most_25_parts()
    {
        AssertCount(string.Concat(Enumerable.Repeat("😀", 800)), SmsEncoding.Ucs2, 25);
        AssertCount(string.Concat(Enumerable.Repeat("€", 1600)), SmsEncoding.Gsm7, 22);
    }

    [Fact]
    public void A_cluster_longer_than_a_part_is_split_all_the_same() =>
        AssertCount("e" + new string('\u0301', 200), SmsEncoding.Ucs2, 3);

    private static void AssertCount(string text, SmsEncoding encoding, int segments)
    {
        var count = Segments.Count(text);

        Assert.Equal((encoding, segments), (count.Encoding, count.Segments));
    }
}
