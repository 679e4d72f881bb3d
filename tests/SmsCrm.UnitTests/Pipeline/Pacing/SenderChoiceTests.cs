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

        var before = Pool[SenderChoice.Of(Pool, id => id, Weight, recipient)];
        var after = smaller[SenderChoice.Of(smaller, id => id, Weight, recipient)];

        return before == gone || before == after;
    }

    [Fact]
    public void Recipients_spread_over_the_pool()
    {
        var counts = new int[Pool.Length];
        for (var i = 0; i < 10_000; i++)
        {
            counts[SenderChoice.Of(Pool, id => id, _ => 1, new PhoneNumber(14_155_550_000 + i))]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 800, 1_200));
    }

    [Fact]
    public void Each_has_its_share_by_weight()
    {
        var counts = new int[Pool.Length];
        for (var i = 0; i < 20_000; i++)
        {
            counts[SenderChoice.Of(Pool, id => id, Weight, new PhoneNumber(14_155_550_000 + i))]++;
        }

        var share = 20_000.0 / Pool.Sum(Weight);
        Assert.All(Pool.Zip(counts), pair => Assert.InRange(pair.Second, share * Weight(pair.First) * 0.85, share * Weight(pair.First) * 1.15));
    }

    private static int Weight(Guid id) => 1 + (Array.IndexOf(Pool, id) % 3 * 4);
}
