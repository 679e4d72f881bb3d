using SmsCrm.Pipeline.Links;

namespace SmsCrm.UnitTests.Pipeline.Links;

public sealed class HitWordsTests
{
    [Fact]
    public void Every_flag_has_a_word_of_its_own_and_a_persons_hit_has_none()
    {
        var flags = Enum.GetValues<HitFlags>().Where(flag => flag != HitFlags.None).ToList();

        Assert.Empty(HitFlags.None.Words());
        Assert.All(flags, flag => Assert.Single(flag.Words()));
        Assert.Equal(flags.Count, flags.SelectMany(flag => flag.Words()).Distinct().Count());
    }
}
