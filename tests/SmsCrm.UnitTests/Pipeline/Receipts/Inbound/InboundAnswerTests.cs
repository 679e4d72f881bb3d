using System.Xml.Linq;
using SmsCrm.Pipeline.Receipts;
using SmsCrm.Pipeline.Receipts.Inbound;

namespace SmsCrm.UnitTests.Pipeline.Receipts.Inbound;

public sealed class InboundAnswerTests
{
    [Fact]
    public void Nothing_to_say_is_an_empty_response() => Assert.Empty(Read(null).Nodes());

    [Theory]
    [InlineData("Call +1 800 555 0100, Mo & Tu <9-5> \"or\" it's late")]
    [InlineData("]]> </Message></Response><!-- é 😀")]
    public void Whatever_it_says_comes_out_as_it_went_in(string text) => Assert.Equal(text, Read(text).Element("Message")!.Value);

    [Fact]
    public void What_XML_can_not_hold_is_left_out() => Assert.Equal("ab", Read("a\u0000\u0008\uFFFEb").Element("Message")!.Value);

    private static XElement Read(string? text) =>
        XDocument.Parse(new InboundAnswer(new CallbackAnswer(CallbackVerdict.Appended, ""), text).ToTwiml()).Root!;
}
