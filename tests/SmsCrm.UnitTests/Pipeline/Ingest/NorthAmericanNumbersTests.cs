using PhoneNumbers;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class NorthAmericanNumbersTests
{
    [Fact]
    public void In_the_US_and_Canada_the_last_four_digits_change_neither_validity_nor_country()
    {
        var util = PhoneNumberUtil.GetInstance();
        for (var area = 200; area < 1000; area++)
        {
            // Three exchanges of each area code; 555, 9xx and the like have rules of their own.
            foreach (var exchange in new[] { 200 + (area * 7 % 800), 555, 900 + (area % 100) })
            {
                var said = new[] { 0, 5501, 9999 }.Select(last => Say(util, $"+1{area}{exchange}{last:D4}")).Distinct().ToList();

                Assert.True(said.Count == 1 || !said.Intersect(["US", "CA"]).Any(), $"+1{area}{exchange} is of {string.Join(" or ", said)}");
            }
        }
    }

    [Fact]
    public void A_number_is_the_same_whether_its_prefix_is_known_or_not()
    {
        Assert.Null(Recipients.Read("+12125551000", "US", out var first, out var country));
        Assert.True(NorthAmericanNumbers.TryRead("+12125551999", out var second, out var known));

        Assert.Equal((12125551000, 12125551999, "US", "US"), (first.Digits, second.Digits, country, known));
        Assert.False(NorthAmericanNumbers.TryRead("12125551999", out _, out _));
        Assert.False(NorthAmericanNumbers.TryRead("+1212555199", out _, out _));
        Assert.False(NorthAmericanNumbers.TryRead("+1 212555199", out _, out _));
    }

    [Fact]
    public void Nothing_is_remembered_of_other_countries()
    {
        Assert.Null(Recipients.Read("+18766060000", "US", out _, out _));

        Assert.False(NorthAmericanNumbers.TryRead("+18766065501", out _, out _));
        Assert.NotNull(Recipients.Read("+18766065501", "US", out _, out _));
    }

    private static string? Say(PhoneNumberUtil util, string text)
    {
        var number = util.Parse(text, null);
        var region = util.GetRegionCodeForNumber(number);
        return region is not null && util.IsValidNumberForRegion(number, region) ? region : null;
    }
}
