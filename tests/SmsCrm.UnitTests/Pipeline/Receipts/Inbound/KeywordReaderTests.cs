using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.UnitTests.Pipeline.Receipts.Inbound;

public sealed class KeywordReaderTests
{
    [Theory]
    [InlineData("STOP", Keyword.Stop)]
    [InlineData(" stop ", Keyword.Stop)]
    [InlineData("Stop!!!", Keyword.Stop)]
    [InlineData("\"STOP.\"", Keyword.Stop)]
    [InlineData("end", Keyword.Stop)]
    [InlineData("Cancel", Keyword.Stop)]
    [InlineData("UNSUBSCRIBE", Keyword.Stop)]
    [InlineData("quit", Keyword.Stop)]
    [InlineData("StopAll", Keyword.Stop)]
    [InlineData("revoke", Keyword.Stop)]
    [InlineData("OptOut", Keyword.Stop)]
    [InlineData("opt out", Keyword.Stop)]
    [InlineData("Opt-Out.", Keyword.Stop)]
    [InlineData("arrêt", Keyword.Stop)]
    [InlineData("ALTO", Keyword.Stop)]
    [InlineData("START", Keyword.Start)]
    [InlineData("yes", Keyword.Start)]
    [InlineData("Unstop", Keyword.Start)]
    [InlineData("help?", Keyword.Help)]
    [InlineData("INFO", Keyword.Help)]
    [InlineData("please stop texting me", Keyword.Review)]
    [InlineData("Don’t text this number again", Keyword.Review)]
    [InlineData("No más mensajes, por favor", Keyword.Review)]
    [InlineData("remove me from your list", Keyword.Review)]
    [InlineData("Stop stop STOP!", Keyword.Review)]
    [InlineData("Désabonnez-moi", Keyword.Review)]
    [InlineData("no me envíen más", Keyword.Review)]
    [InlineData("Ich möchte keine SMS mehr", Keyword.Review)]
    [InlineData("I want to opt out of this", Keyword.Review)]
    [InlineData("退订", Keyword.Stop)]
    [InlineData("стоп", Keyword.Stop)]
    [InlineData("Rezygnuję", Keyword.Stop)]
    [InlineData("s\u00adtop", Keyword.Stop)]
    [InlineData("S.T.O.P.", Keyword.Stop)]
    [InlineData("ＳＴＯＰ", Keyword.Stop)]
    [InlineData("Stop2End", Keyword.Stop)]
    [InlineData("unsub", Keyword.Stop)]
    [InlineData("إيقاف", Keyword.Stop)]
    [InlineData("बंद करें", Keyword.Stop)]
    [InlineData("İptal", Keyword.Stop)]
    [InlineData("stop now", Keyword.Review)]
    [InlineData("Stop messages!", Keyword.Review)]
    [InlineData("ok, stop", Keyword.Review)]
    [InlineData("STOP thanks", Keyword.Review)]
    [InlineData("I want you to stop", Keyword.Review)]
    [InlineData("don`t text me", Keyword.Review)]
    [InlineData("opting out of this", Keyword.Review)]
    [InlineData("cancel my subscription", Keyword.Review)]
    [InlineData("take my number off your list", Keyword.Review)]
    [InlineData("I don't want these texts", Keyword.Review)]
    [InlineData("don't stop", Keyword.None)]
    [InlineData("Please don’t stop!", Keyword.None)]
    [InlineData("Where is the bus stop?", Keyword.None)]
    [InlineData("at the bus stop", Keyword.None)]
    [InlineData("Stop by the store tomorrow", Keyword.None)]
    [InlineData("nonstop", Keyword.None)]
    [InlineData("Yes, I will be there", Keyword.None)]
    [InlineData("I'll stop by at five", Keyword.None)]
    [InlineData("", Keyword.None)]
    [InlineData("👍", Keyword.None)]
    internal void Words_are_read_in_any_case_and_punctuation(string body, Keyword keyword) =>
        Assert.Equal(keyword, KeywordReader.Read(body, optOutType: null, toTollFree: false));

    [Theory]
    [InlineData("YES", Keyword.None)]
    [InlineData("START", Keyword.Start)]
    [InlineData("UNSTOP", Keyword.Start)]
    internal void A_toll_free_number_takes_start_and_unstop_only(string body, Keyword keyword) =>
        Assert.Equal(keyword, KeywordReader.Read(body, optOutType: null, toTollFree: true));

    [Theory]
    [InlineData("STOP", Keyword.Stop)]
    [InlineData("START", Keyword.Start)]
    [InlineData("HELP", Keyword.Help)]
    internal void What_the_providers_own_matcher_says_goes_before_the_words(string optOutType, Keyword keyword) =>
        Assert.Equal(keyword, KeywordReader.Read("a tenant's own keyword", optOutType, toTollFree: false));

    /// <summary>A word that is spelt otherwise than texts are compared would never act.</summary>
    [Fact]
    public void Every_word_of_the_table_reads_as_its_keyword_and_says_where_it_is_from()
    {
        foreach (var entry in KeywordTable.Entries.Concat(KeywordTable.Wishes))
        {
            Assert.NotEmpty(entry.Source);
            Assert.Equal(2, entry.Language.Length);
            Assert.All(entry.Words, word => Assert.Contains(KeywordReader.Read(word, optOutType: null, toTollFree: false), (Keyword[])[entry.Keyword, Keyword.Stop]));
        }
    }

    /// <summary>What somebody wrote may be one keyword only; in doubt a STOP counts.</summary>
    [Fact]
    public void No_word_is_a_START_or_HELP_in_one_language_and_a_STOP_in_another()
    {
        var stop = KeywordTable.Entries.Where(entry => entry.Keyword == Keyword.Stop).SelectMany(entry => entry.Words).ToHashSet();

        Assert.DoesNotContain(KeywordTable.Entries.Where(entry => entry.Keyword != Keyword.Stop).SelectMany(entry => entry.Words), stop.Contains);
    }
}
