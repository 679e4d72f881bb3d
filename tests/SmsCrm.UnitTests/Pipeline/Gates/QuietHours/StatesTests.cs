using SmsCrm.Pipeline.Gates.QuietHours;

namespace SmsCrm.UnitTests.Pipeline.Gates.QuietHours;

public sealed class StatesTests
{
    [Theory]
    [InlineData("Miami, FL", "US-FL")]
    [InlineData("Coral Gables, Miami, FL", "US-FL")]
    [InlineData("Florida", "US-FL")]
    [InlineData("Toronto, ON", "")] // a province
    [InlineData("Miami, FLO", "")]
    [InlineData("Miami,FL", "")]
    [InlineData(", FL", "US-FL")]
    [InlineData("FL", "")]
    [InlineData("Ontario", "")]
    [InlineData("", "")]
    public void A_place_as_libphonenumber_writes_it_gives_its_state(string description, string region) => Assert.Equal(region, States.RegionOf(description));
}
