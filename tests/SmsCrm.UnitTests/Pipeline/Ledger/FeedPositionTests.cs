using FsCheck.Xunit;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.UnitTests.Pipeline.Ledger;

public sealed class FeedPositionTests
{
    [Property]
    public bool Every_position_reads_back(long system, int timeline, ulong transaction, long sequence)
    {
        var position = new FeedPosition(system, timeline, transaction, sequence);

        return FeedPosition.TryParse(position.ToString(), out var read) && read == position;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("not a position")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_was_never_a_position_is_refused(string? text) => Assert.False(FeedPosition.TryParse(text, out _));
}
