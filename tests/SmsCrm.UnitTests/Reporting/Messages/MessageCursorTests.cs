using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;

namespace SmsCrm.UnitTests.Reporting.Messages;

public sealed class MessageCursorTests
{
    private static readonly MessageFilter Everything = new(null, null, null);
    private static readonly MessageId Id = new(Guid.Parse("01a21126-2f9a-767a-a842-1641bf9e8c2a"));

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("spring", MessageState.Delivered, 12125550123)]
    [InlineData("", null, null)]
    public void A_cursor_comes_back_as_its_id_under_its_own_filter(string? campaign, MessageState? state, long? recipient)
    {
        var filter = new MessageFilter(campaign, state, recipient is { } digits ? new PhoneNumber(digits) : null);

        Assert.True(MessageCursor.TryDecode(MessageCursor.Encode(Id, filter), filter, out var id));
        Assert.Equal(Id, id);
    }

    [Fact]
    public void A_cursor_of_another_filter_does_not_fit() =>
        Assert.False(MessageCursor.Fits(MessageCursor.Encode(Id, Everything), Everything with { State = MessageState.Sent }));

    [Property]
    public bool What_was_never_handed_out_does_not_fit(string? text) => text is null || !MessageCursor.Fits(text, Everything);

    [Theory]
    [InlineData("")]
    [InlineData("AQGiESUxN3yLtCRMOqRkMiB1oR2")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public void Damaged_cursors_do_not_fit(string text) => Assert.False(MessageCursor.Fits(text, Everything));
}
