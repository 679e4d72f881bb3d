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

        // The pool's ids are drawn anew each time: six standard deviations of a fair choice.
        Assert.All(
            Pool.Zip(counts, (id, count) => (Expected: share * Weight(id), Count: count)),
            sender => Assert.InRange(sender.Count, sender.Expected - (6 * Math.Sqrt(sender.Expected)), sender.Expected + (6 * Math.Sqrt(sender.Expected))));
    }

    /// <summary>The choice is kept nowhere: were it computed otherwise tomorrow, every conversation would move to another number. Worked out apart from this code.</summary>
    [Fact]
    public void Recipients_keep_their_senders_from_version_to_version()
    {
        (Guid Id, int Weight)[] pool =
        [
            (new("019aa000-0000-7000-8001-000000001eef"), 1), (new("019aa000-0000-7000-8002-000000003dde"), 5), (new("019aa000-0000-7000-8003-000000005ccd"), 1),
            (new("019aa000-0000-7000-8004-000000007bbc"), 3), (new("019aa000-0000-7000-8005-000000009aab"), 1),
        ];

        Assert.Equal(
            [0, 0, 1, 1, 4, 1, 3, 4, 4, 2, 3, 1, 3, 3, 1, 1, 1, 3, 1, 3, 1, 1, 0, 3, 1, 2, 4, 3, 1, 4, 2, 3, 2, 4, 1, 4, 0, 3, 1, 1],
            Enumerable.Range(0, 40).Select(i => SenderChoice.Of(pool, sender => sender.Id, sender => sender.Weight, new PhoneNumber(14_155_550_000 + i))));
    }

    private static int Weight(Guid id) => 1 + (Array.IndexOf(Pool, id) % 3 * 4);
}
