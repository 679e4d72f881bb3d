using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SmsCrm.Pipeline.Waiting;

namespace SmsCrm.UnitTests.Pipeline.Waiting;

public sealed class ReleaseSharesTests
{
    [Fact]
    public void A_lane_of_200_000_leaves_a_small_one_all_that_it_wants() =>
        Assert.Equal([3, 1_996, 1], ReleaseShares.Of([3, 200_000, 1], 2_000));

    [Fact]
    public void Large_ones_share_what_the_small_ones_leave() => Assert.Equal([45, 10, 45], ReleaseShares.Of([1_000, 10, 1_000], 100));

    [Property]
    public Property Nobody_gets_more_than_it_wants_nor_less_than_an_equal_share_and_no_room_is_left_while_somebody_wants_more() =>
        Prop.ForAll(
            Gen.Zip(Gen.NonEmptyListOf(Gen.Choose(1, 5_000)).Select(list => list.ToArray()), Gen.Choose(0, 5_000)).ToArbitrary(),
            drawn =>
            {
                var (wanted, more) = drawn;
                var room = wanted.Length + more;

                var shares = ReleaseShares.Of(wanted, room);

                Assert.Equal(Math.Min(room, wanted.Sum()), shares.Sum());
                Assert.All(wanted.Zip(shares), lane => Assert.InRange(lane.Second, Math.Min(lane.First, room / wanted.Length), lane.First));
            });
}
