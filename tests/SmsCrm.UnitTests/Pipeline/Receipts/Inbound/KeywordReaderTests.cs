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
}
