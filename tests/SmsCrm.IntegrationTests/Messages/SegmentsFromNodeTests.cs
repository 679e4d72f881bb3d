using System.Text;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Messages;

/// <summary>Segment counts against the package that Twilio publishes for it, npm <c>sms-segments-calculator</c> 1.3.0, smart encoding included.</summary>
public sealed class SegmentsFromNodeTests
{
    private const int Texts = 10_000;

    /// <summary>The same texts everywhere; SMSCRM_TEST_SEED draws others.</summary>
    private const int DefaultSeed = 20261125;

    /// <summary>
    /// What texts are drawn from: plain, extended, accented, typographic, wide, joined, flags, combining, control. No halves of pairs: they have no
    /// UTF-8, so that no API lets them in.
    /// </summary>
    private static readonly string[] Pieces =
    [
        "a", "Z", "0", " ", "\n", "\r\n", "\r", "@", "£", "Ç", "ç", "`", "é", "à", "ñ", "ß", "€", "{", "}", "[", "]", "~", "\\", "|", "^", "\f",
        "á", "í", "ő", "“", "”", "‘", "’", "–", "—", "…", "•", "\u00a0", "\u200b", "\t", "ʻ", "‹", "›", "«", "Ⅳ", "中", "ا", "न", "क्", "😀", "😜",
        "👍🏽", "🏳️‍🌈", "👨‍👩‍👧‍👦", "🇺🇸", "🇩", "e\u0301", "\u0301", "한", "ᄒ", "ᅡ", "\u200d", "\ufe0f", "👩🏿‍🚀", "❤️", "1️⃣",
    ];

    [Fact]
    public async Task Ten_thousand_random_texts_and_the_packages_own_cases_count_the_same()
    {
        Assert.SkipUnless(await NodeScripts.WhyNotAsync() is null, await NodeScripts.WhyNotAsync() ?? "");
        var random = new Random(TestRun.Seed(DefaultSeed));
        string[] texts = [.. OwnCases(), .. Enumerable.Range(0, Texts).Select(_ => Draw(random))];

        var lines = await NodeScripts.OutputAsync("segments.mjs", string.Join('\n', texts.Select(Json)) + "\n");

        var theirs = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(texts.Length, theirs.Length);
        var differing = texts.Zip(theirs, (text, line) => (Text: text, Theirs: line, Ours: Ours(text))).Where(pair => pair.Ours != pair.Theirs)
            .Select(pair => $"{Json(pair.Text)}\n  ours   {pair.Ours}\n  theirs {pair.Theirs}").ToList();
        Assert.True(differing.Count == 0, $"{differing.Count} differ:\n{string.Join('\n', differing.Take(5))}");
    }

    [Fact]
    public async Task The_table_of_substitutions_is_the_packages()
    {
        Assert.SkipUnless(await NodeScripts.WhyNotAsync() is null, await NodeScripts.WhyNotAsync() ?? "");

        var generated = await NodeScripts.OutputAsync("smart-encoding.mjs", "");

        Assert.Equal(
            generated, await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "src", "SmsCrm.Pipeline", "Messages", "SmartEncoding.Table.cs")));
    }

    private static string Ours(string text)
    {
        var plain = Segments.Count(text);
        var smart = Segments.Count(SmartEncoding.Apply(text));
        return $$"""{"encoding":"{{Name(plain)}}","segments":{{plain.Segments}},"smartEncoding":"{{Name(smart)}}","smartSegments":{{smart.Segments}}}""";
    }

    private static string Name(SegmentCount count) => count.Encoding == SmsEncoding.Gsm7 ? "GSM-7" : "UCS-2";

    /// <summary>Of one kind for a while, as texts are, and of a length near one that matters.</summary>
    private static string Draw(Random random)
    {
        var text = new StringBuilder();
        var length = random.Next(1, 12) switch { 1 => random.Next(5), < 6 => random.Next(60, 75), < 10 => random.Next(125, 165), _ => random.Next(300, 480) };
        var kinds = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Pieces[random.Next(Pieces.Length)]).ToArray();
        while (text.Length < length)
        {
            text.Append(random.Next(4) == 0 ? kinds[random.Next(kinds.Length)] : Pieces[random.Next(random.Next(3) == 0 ? Pieces.Length : 4)]);
        }

        return text.ToString();
    }

    /// <summary>The table of the reference, in which each text stands at a boundary.</summary>
    private static IEnumerable<string> OwnCases() =>
        from unit in new[] { "a", "€", "á", "😀", "😜", "🏳️‍🌈", "ç", "\"", "“", "…" }
        from times in new[] { 0, 1, 33, 35, 36, 64, 65, 66, 67, 68, 69, 70, 71, 80, 81, 133, 134, 135, 153, 154, 160, 161, 306, 307 }
        from tail in new[] { "", "a", new string('a', 10), "€" }
        select string.Concat(Enumerable.Repeat(unit, times)) + tail;

    private static string Json(string text) => "\"" + string.Concat(text.Select(unit =>
        unit is >= ' ' and < '\u007f' and not ('"' or '\\') ? unit.ToString() : $"\\u{(int)unit:x4}")) + "\"";
}
