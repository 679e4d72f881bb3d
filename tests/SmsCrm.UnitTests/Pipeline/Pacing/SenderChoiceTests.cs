using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Pacing;

namespace SmsCrm.UnitTests.Pipeline.Pacing;

public sealed class SenderChoiceTests
{
    private static readonly Guid[] Pool = [.. Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7())];

    [Property]
    public bool A_recipient_keeps_its_sender_while_the_pool_has_it(uint digits, byte goes)
    {
        var recipient = new PhoneNumber(10_000_000_000 + digits);
        var gone = Pool[goes % Pool.Length];
        Guid[] smaller = [.. Pool.Where(id => id != gone)];

        var before = Pool[SenderChoice.Of(Pool, id => id, recipient)];
        var after = smaller[SenderChoice.Of(smaller, id => id, recipient)];

        return before == gone || before == after;
    }

    [Fact]
    public void Recipients_spread_over_the_pool()
    {
        var counts = new int[Pool.Length];
        for (var i = 0; i < 10_000; i++)
        {
            counts[SenderChoice.Of(Pool, id => id, new PhoneNumber(14_155_550_000 + i))]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 800, 1_200));
    }
}
